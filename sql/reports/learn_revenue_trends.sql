-- Grain: one row per day of the 146 whose orders of other categories are counted by their ids: none, or all if more
-- categories sold in the 90 days than the report shows by name.
-- Reads only; run by the reporter's daily run, before the report's transaction, whose partitions are pruned by
-- literals alone.
-- @param report_date DATE
-- @param max_series INT64
WITH sold AS (
  SELECT COUNT(DISTINCT a.category) AS categories
  FROM agg_category_revenue AS a
  WHERE a.metric_date BETWEEN DATE_SUB(@report_date, INTERVAL 89 DAY) AND @report_date
)

SELECT day
FROM sold AS s
CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(DATE_SUB(@report_date, INTERVAL 145 DAY), @report_date)) AS day
WHERE s.categories > @max_series;
