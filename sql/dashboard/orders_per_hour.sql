-- Orders and revenue per hour of a period, oldest first.
-- Grain: one row per hour with orders; hours without any have no row.
-- Reads only; run by the reporter.
-- @param from_time TIMESTAMP
-- @param to_time TIMESTAMP
SELECT
  metric_hour,
  total_orders,
  total_revenue,
  avg_order_value,
  unique_customers,
  completed_orders,
  completed_revenue,
  pending_orders,
  failed_orders,
  other_orders
FROM agg_hourly_metrics
WHERE metric_hour >= @from_time
  AND metric_hour < @to_time
ORDER BY metric_hour;
