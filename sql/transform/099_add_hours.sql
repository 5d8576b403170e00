-- Adds what the batch brings to the hours of the shop's clock. What they are then equals what all their
-- facts come to, and costs no more when there are many.
-- Run by the aggregator in its transaction.
-- @when orders
-- @unless replacing
-- @param now TIMESTAMP
-- @param hour_dates ARRAY<DATE>
MERGE INTO agg_hourly_metrics AS a
USING batch_hours AS b
ON
  DATE(a.metric_hour) IN UNNEST(@hour_dates)
  AND a.metric_hour = b.metric_hour
  -- Rows of an earlier release have no day; theirs is UTC's.
  AND COALESCE(a.order_date, DATE(a.metric_hour)) = b.order_date
WHEN MATCHED THEN UPDATE SET
  total_orders = a.total_orders + b.total_orders,
  total_revenue = a.total_revenue + b.total_revenue,
  completed_orders = a.completed_orders + b.completed_orders,
  completed_revenue = a.completed_revenue + b.completed_revenue,
  pending_orders = a.pending_orders + b.pending_orders,
  failed_orders = a.failed_orders + b.failed_orders,
  other_orders = a.other_orders + b.other_orders,
  refunded_orders = a.refunded_orders + b.refunded_orders,
  partially_refunded_orders = a.partially_refunded_orders + b.partially_refunded_orders,
  cancelled_orders = a.cancelled_orders + b.cancelled_orders,
  refunded_revenue = a.refunded_revenue + b.refunded_revenue,
  net_revenue = a.net_revenue + b.net_revenue,
  failed_revenue = a.failed_revenue + b.failed_revenue,
  cancelled_revenue = a.cancelled_revenue + b.cancelled_revenue,
  headline_revenue = a.headline_revenue + b.headline_revenue,
  paid_revenue = a.paid_revenue + b.paid_revenue,
  unique_customers = a.unique_customers + b.unique_customers,
  avg_order_value = (a.total_revenue + b.total_revenue) / (a.total_orders + b.total_orders),
  order_date = b.order_date,
  updated_at = @now
WHEN NOT MATCHED THEN
  INSERT (
    metric_hour, order_date, avg_order_value, updated_at,
    total_orders, total_revenue, completed_orders, completed_revenue, pending_orders, failed_orders, other_orders,
    refunded_orders, partially_refunded_orders, cancelled_orders,
    refunded_revenue, net_revenue, failed_revenue, cancelled_revenue, headline_revenue, paid_revenue, unique_customers
  )
  VALUES (
    b.metric_hour, b.order_date, b.total_revenue / b.total_orders, @now,
    b.total_orders, b.total_revenue, b.completed_orders, b.completed_revenue, b.pending_orders, b.failed_orders, b.other_orders,
    b.refunded_orders, b.partially_refunded_orders, b.cancelled_orders,
    b.refunded_revenue, b.net_revenue, b.failed_revenue, b.cancelled_revenue, b.headline_revenue, b.paid_revenue, b.unique_customers
  );
