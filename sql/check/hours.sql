-- Grain: one row per hour, as the model has it.
-- Run by bench, drill and tests, to compare with the model; reads the whole table.
SELECT
  a.metric_hour, COALESCE(a.order_date, DATE(a.metric_hour)) AS order_date, a.total_orders, a.unique_customers, a.total_revenue, a.avg_order_value,
  a.completed_orders, a.pending_orders, a.failed_orders, a.other_orders, a.completed_revenue,
  a.refunded_orders, a.partially_refunded_orders, a.cancelled_orders, a.failed_revenue, a.cancelled_revenue,
  a.refunded_revenue, a.net_revenue, a.headline_revenue, a.paid_revenue
FROM agg_hourly_metrics AS a;
