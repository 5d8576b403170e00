-- Grain: one row per touched hour, computed from all its facts. An order counts once,
-- by its first line, however many lines it has.
-- Run by the aggregator in its transaction, after the hours are removed.
-- @param now TIMESTAMP
-- @param order_dates ARRAY<DATE>
INSERT INTO agg_hourly_metrics (
  metric_hour, total_orders, total_revenue, avg_order_value, unique_customers,
  completed_orders, completed_revenue, pending_orders, failed_orders, other_orders, updated_at
)
SELECT
  TIMESTAMP_TRUNC(f.order_timestamp, HOUR) AS metric_hour,
  COUNT(*) AS total_orders,
  SUM(f.total_amount) AS total_revenue,
  SUM(f.total_amount) / COUNT(*) AS avg_order_value,
  COUNT(DISTINCT f.customer_id) AS unique_customers,
  COUNTIF(f.payment_status = 'completed') AS completed_orders,
  SUM(IF(f.payment_status = 'completed', f.total_amount, NUMERIC '0')) AS completed_revenue,
  COUNTIF(f.payment_status = 'pending') AS pending_orders,
  COUNTIF(f.payment_status = 'failed') AS failed_orders,
  COUNTIF(f.payment_status NOT IN ('completed', 'pending', 'failed')) AS other_orders,
  @now AS updated_at
FROM fact_orders AS f
WHERE
  f.order_date IN UNNEST(@order_dates)
  AND f.line_number = 1
  AND TIMESTAMP_TRUNC(f.order_timestamp, HOUR) IN (SELECT t.metric_hour FROM touched_hours AS t)
GROUP BY metric_hour;
