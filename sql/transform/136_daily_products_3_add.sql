-- Adds what the batch brings to its days in agg_daily_products. What they are then equals what all their facts come to,
-- and costs no more when there are many.
-- A line without a product is in none.
-- Run by the aggregator in its transaction; of batches that replace orders or repair facts the days are restated.
-- @when orders
-- @unless replacing, repairs
-- @param now TIMESTAMP
-- @param touched_dates ARRAY<DATE>
MERGE INTO agg_daily_products AS a
USING (
  SELECT
    f.order_date, f.product_id, f.payment_status,
    -- @include daily_product_figures
  FROM loaded_lines AS f
  WHERE f.product_id IS NOT NULL
  GROUP BY f.order_date, f.product_id, f.payment_status
) AS b
ON
  a.order_date IN UNNEST(@touched_dates)
  AND a.order_date = b.order_date
  AND a.product_id = b.product_id
  AND a.payment_status = b.payment_status
WHEN MATCHED THEN UPDATE SET
  product_name = COALESCE(GREATEST(a.product_name, b.product_name), a.product_name, b.product_name),
  category = GREATEST(a.category, b.category),
  order_lines = a.order_lines + b.order_lines,
  units = a.units + b.units,
  total_revenue = a.total_revenue + b.total_revenue,
  updated_at = @now
WHEN NOT MATCHED THEN
  INSERT (order_date, product_id, payment_status, updated_at, product_name, category, order_lines, units, total_revenue)
  VALUES (b.order_date, b.product_id, b.payment_status, @now, b.product_name, b.category, b.order_lines, b.units, b.total_revenue);
