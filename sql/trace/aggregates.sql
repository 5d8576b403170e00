-- The rows of aggregates and of the report of the day that an order's facts are in.
-- Grain: one row per hour, per day and category, and per line of the report.
-- Run by the reporter and by pipelinectl trace; reads only.
-- @param order_id STRING
-- @param order_date DATE
WITH lines AS (
  SELECT f.order_timestamp, f.category
  FROM fact_orders AS f
  WHERE f.order_date = @order_date AND f.order_id = @order_id
),

placed AS (
  SELECT MIN(l.order_timestamp) AS order_timestamp
  FROM lines AS l
)

SELECT
  'agg_hourly_metrics' AS place, FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%SZ', h.metric_hour) AS row_key,
  h.total_orders AS orders, h.total_revenue AS revenue, h.updated_at
FROM agg_hourly_metrics AS h
CROSS JOIN placed AS p
WHERE
  -- A shop's day begins and ends within a day of UTC's.
  h.metric_hour >= TIMESTAMP(DATE_SUB(@order_date, INTERVAL 1 DAY)) AND h.metric_hour < TIMESTAMP(DATE_ADD(@order_date, INTERVAL 2 DAY))
  AND h.metric_hour > TIMESTAMP_SUB(p.order_timestamp, INTERVAL 1 HOUR) AND h.metric_hour <= p.order_timestamp
UNION ALL
SELECT
  'agg_category_revenue' AS place, CONCAT(CAST(c.metric_date AS STRING), ' ', c.category) AS row_key,
  c.orders, c.revenue, c.updated_at
FROM agg_category_revenue AS c
WHERE c.metric_date = @order_date AND c.category IN (SELECT l.category FROM lines AS l)
UNION ALL
SELECT
  'report_revenue_trends' AS place, CONCAT(CAST(r.report_date AS STRING), ' line ', CAST(r.position AS STRING)) AS row_key,
  r.orders, r.revenue, CAST(NULL AS TIMESTAMP) AS updated_at
FROM report_revenue_trends AS r
CROSS JOIN placed AS p
WHERE r.report_date = @order_date AND r.granularity = 'day' AND r.period_start = @order_date AND p.order_timestamp IS NOT NULL
  AND (r.level = 'total' OR (r.level = 'category' AND r.category IN (SELECT l.category FROM lines AS l)))
ORDER BY place, row_key;
