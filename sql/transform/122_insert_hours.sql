-- Grain: one row per touched hour of the shop's clock, computed from all its facts. An order counts once,
-- by its first line, however many lines it has; a guest is no customer.
-- Run by the aggregator in its transaction, after the hours are removed.
-- @when replacing
-- @param now TIMESTAMP
-- @param order_dates ARRAY<DATE>
INSERT INTO agg_hourly_metrics (
  metric_hour, order_date, avg_order_value, unique_customers, updated_at,
  total_orders, total_revenue, completed_orders, completed_revenue, pending_orders, failed_orders, other_orders,
  refunded_orders, partially_refunded_orders, cancelled_orders,
  refunded_revenue, net_revenue, failed_revenue, cancelled_revenue, headline_revenue, paid_revenue
)
SELECT
  t.metric_hour,
  t.order_date,
  SUM(f.total_amount) / COUNT(*) AS avg_order_value,
  COUNT(DISTINCT f.customer_id) AS unique_customers,
  @now AS updated_at,
  -- @include hour_figures
FROM fact_orders AS f
JOIN touched_hours AS t
  ON t.order_date = f.order_date
  AND t.metric_hour = TIMESTAMP_ADD(TIMESTAMP(f.order_date), INTERVAL (f.order_hour * 3600 - COALESCE(f.utc_offset_seconds, 0)) SECOND)
WHERE
  f.order_date IN UNNEST(@order_dates)
  AND f.line_number = 1
GROUP BY t.metric_hour, t.order_date;
