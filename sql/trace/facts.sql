-- The facts of an order: its lines, as they count.
-- Grain: one row per line; the partition of one day is read.
-- Run by the reporter and by pipelinectl trace; reads only.
-- @param order_id STRING
-- @param order_date DATE
SELECT
  f.line_number, f.order_timestamp, f.product_id, f.category, f.region, f.customer_tier, f.quantity, f.line_total, f.total_amount,
  COALESCE(f.refunded_amount, 0) AS refunded_amount, f.payment_status, f.loaded_at
FROM fact_orders AS f
WHERE f.order_date = @order_date AND f.order_id = @order_id
ORDER BY f.line_number;
