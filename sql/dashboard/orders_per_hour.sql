-- Orders and revenue per hour of a period, oldest first.
-- Grain: one row per hour with orders; hours without any have no row.
-- Until provisioning has brought the hours of an earlier release along, they know no
-- refunds, and their revenue is that of all orders.
-- Reads only; run by the reporter.
-- @param from_time TIMESTAMP
-- @param to_time TIMESTAMP
SELECT
  metric_hour,
  total_orders,
  COALESCE(paid_revenue, headline_revenue, total_revenue) AS revenue,
  total_revenue,
  avg_order_value,
  unique_customers,
  completed_orders,
  completed_revenue,
  pending_orders,
  failed_orders,
  COALESCE(refunded_orders, 0) AS refunded_orders,
  COALESCE(partially_refunded_orders, 0) AS partially_refunded_orders,
  COALESCE(cancelled_orders, 0) AS cancelled_orders,
  other_orders,
  COALESCE(refunded_revenue, 0) AS refunded_revenue,
  COALESCE(net_revenue, total_revenue) AS net_revenue,
  COALESCE(failed_revenue, 0) AS failed_revenue,
  COALESCE(cancelled_revenue, 0) AS cancelled_revenue
FROM agg_hourly_metrics
WHERE metric_hour >= @from_time
  AND metric_hour < @to_time
ORDER BY metric_hour;
