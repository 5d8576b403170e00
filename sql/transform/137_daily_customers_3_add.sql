-- Adds what the batch brings to its days in agg_daily_customers. What they are then equals what all their facts come to,
-- and costs no more when there are many.
-- An order counts once, by its first line; that of a guest is in none.
-- Run by the aggregator in its transaction; of batches that replace orders or repair facts the days are restated.
-- @when orders
-- @unless replacing, repairs
-- @param now TIMESTAMP
-- @param touched_dates ARRAY<DATE>
MERGE INTO agg_daily_customers AS a
USING (
  SELECT
    f.order_date, f.customer_id, f.customer_tier,
    -- @include daily_customer_figures
  FROM loaded_lines AS f
  WHERE f.line_number = 1 AND f.customer_id IS NOT NULL
  GROUP BY f.order_date, f.customer_id, f.customer_tier
) AS b
ON
  a.order_date IN UNNEST(@touched_dates)
  AND a.order_date = b.order_date
  AND a.customer_id = b.customer_id
  AND a.customer_tier = b.customer_tier
WHEN MATCHED THEN UPDATE SET
  orders = a.orders + b.orders,
  headline_revenue = a.headline_revenue + b.headline_revenue,
  completed_revenue = a.completed_revenue + b.completed_revenue,
  paid_orders = a.paid_orders + b.paid_orders,
  paid_revenue = a.paid_revenue + b.paid_revenue,
  updated_at = @now
WHEN NOT MATCHED THEN
  INSERT (order_date, customer_id, customer_tier, updated_at, orders, headline_revenue, completed_revenue, paid_orders, paid_revenue)
  VALUES (b.order_date, b.customer_id, b.customer_tier, @now, b.orders, b.headline_revenue, b.completed_revenue, b.paid_orders, b.paid_revenue);
