-- Adds what the batch brings to its days in agg_daily_orders. What they are then equals what all their facts come to,
-- and costs no more when there are many.
-- An order counts once, by its first line.
-- Run by the aggregator in its transaction; of batches that replace orders or repair facts the days are restated.
-- @when orders
-- @unless replacing, repairs
-- @param now TIMESTAMP
-- @param touched_dates ARRAY<DATE>
MERGE INTO agg_daily_orders AS a
USING (
  SELECT
    f.order_date, f.customer_tier, f.payment_status, f.region, f.state, f.country,
    -- @include daily_order_figures
  FROM loaded_lines AS f
  WHERE f.line_number = 1
  GROUP BY f.order_date, f.customer_tier, f.payment_status, f.region, f.state, f.country
) AS b
ON
  a.order_date IN UNNEST(@touched_dates)
  AND a.order_date = b.order_date
  AND a.customer_tier = b.customer_tier
  AND a.payment_status = b.payment_status
  AND a.region = b.region
  AND COALESCE(a.state, '') = COALESCE(b.state, '') -- no place is an empty text
  AND COALESCE(a.country, '') = COALESCE(b.country, '')
WHEN MATCHED THEN UPDATE SET
  orders = a.orders + b.orders,
  total_revenue = a.total_revenue + b.total_revenue,
  refunded_revenue = a.refunded_revenue + b.refunded_revenue,
  paid_revenue = a.paid_revenue + b.paid_revenue,
  updated_at = @now
WHEN NOT MATCHED THEN
  INSERT (order_date, customer_tier, payment_status, region, state, country, updated_at, orders, total_revenue, refunded_revenue, paid_revenue)
  VALUES (b.order_date, b.customer_tier, b.payment_status, b.region, b.state, b.country, @now, b.orders, b.total_revenue, b.refunded_revenue, b.paid_revenue);
