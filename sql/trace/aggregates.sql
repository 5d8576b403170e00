-- The rows of aggregates and of the report of the day that an order's facts are in.
-- Grain: one row per hour, per day and category, and per line of the report.
-- Run by pipelinectl trace; reads only.
-- @param order_date DATE
-- @param order_timestamp TIMESTAMP
-- @param categories ARRAY<STRING>
SELECT
  'agg_hourly_metrics' AS place, FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%SZ', h.metric_hour) AS row_key,
  h.total_orders AS orders, h.total_revenue AS revenue, h.updated_at
FROM agg_hourly_metrics AS h
WHERE h.metric_hour > TIMESTAMP_SUB(@order_timestamp, INTERVAL 1 HOUR) AND h.metric_hour <= @order_timestamp
UNION ALL
SELECT
  'agg_category_revenue' AS place, CONCAT(CAST(c.metric_date AS STRING), ' ', c.category) AS row_key,
  c.orders, c.revenue, c.updated_at
FROM agg_category_revenue AS c
WHERE c.metric_date = @order_date AND c.category IN UNNEST(@categories)
UNION ALL
SELECT
  'report_revenue_trends' AS place, CONCAT(CAST(r.report_date AS STRING), ' line ', CAST(r.position AS STRING)) AS row_key,
  r.orders, r.revenue, CAST(NULL AS TIMESTAMP) AS updated_at
FROM report_revenue_trends AS r
WHERE r.report_date = @order_date AND r.granularity = 'day' AND r.period_start = @order_date
  AND (r.level = 'total' OR (r.level = 'category' AND r.category IN UNNEST(@categories)))
ORDER BY place, row_key;
