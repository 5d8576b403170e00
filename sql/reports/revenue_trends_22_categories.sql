-- Grain: one row per category that the report shows by name: those with the highest revenue in its 90 days.
-- Run by the reporter's daily run, in the report's transaction.
-- @param report_date DATE
-- @param max_series INT64
CREATE TEMP TABLE trend_categories AS
WITH sums AS (
  SELECT l.category, SUM(l.line_revenue) AS revenue
  FROM trend_lines AS l
  WHERE l.order_date > DATE_SUB(@report_date, INTERVAL 90 DAY)
  GROUP BY l.category
)

SELECT s.category
FROM sums AS s
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (ORDER BY s.revenue DESC, s.category) <= @max_series;
