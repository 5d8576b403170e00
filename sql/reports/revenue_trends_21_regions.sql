-- Grain: one row per region that the report shows by name: those with the highest revenue in its 90
-- days. Regions are countries outside the US, thus the producer's own words: without a limit a file
-- could make the report as long as it likes.
-- Run by the reporter's daily run, in the report's transaction.
-- @param report_date DATE
-- @param max_series INT64
CREATE TEMP TABLE trend_regions AS
WITH sums AS (
  SELECT p.region, SUM(p.revenue) AS revenue
  FROM trend_places AS p
  WHERE p.order_date > DATE_SUB(@report_date, INTERVAL 90 DAY)
  GROUP BY p.region
)

SELECT s.region
FROM sums AS s
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (ORDER BY s.revenue DESC, s.region) <= @max_series;
