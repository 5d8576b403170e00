-- Adds what the batch brings to the days' categories. What they are then equals what all their facts
-- come to, and costs no more when there are many.
-- Run by the aggregator in its transaction.
-- @when orders
-- @unless replacing, repairs
-- @param now TIMESTAMP
-- @param touched_dates ARRAY<DATE>
MERGE INTO agg_category_revenue AS a
USING batch_days AS b
ON a.metric_date IN UNNEST(@touched_dates) AND a.metric_date = b.order_date AND a.category = b.category
WHEN MATCHED THEN UPDATE SET
  orders = a.orders + b.orders,
  units = a.units + b.units,
  revenue = a.revenue + b.revenue,
  completed_revenue = a.completed_revenue + b.completed_revenue,
  headline_revenue = a.headline_revenue + b.headline_revenue,
  paid_revenue = a.paid_revenue + b.paid_revenue,
  updated_at = @now
WHEN NOT MATCHED THEN
  INSERT (metric_date, category, orders, units, revenue, completed_revenue, headline_revenue, paid_revenue, updated_at)
  VALUES (b.order_date, b.category, b.orders, b.units, b.revenue, b.completed_revenue, b.headline_revenue, b.paid_revenue, @now);
