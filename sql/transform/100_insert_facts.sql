-- Grain: one row per line of the orders that this batch loads, enriched.
-- Run by the aggregator in its transaction; the claims keep it from adding an order twice.
-- @when orders
-- @param now TIMESTAMP
INSERT INTO fact_orders (
  order_id, line_number, customer_id, customer_tier, order_timestamp, order_date, order_hour,
  product_id, product_name, category, category_line_number, quantity, unit_price, line_total, total_amount, payment_status,
  street, city, state, zipcode, country, region, file_id, record_index, loaded_at,
  updated_at, currency, payment_status_text, line_discount_amount,
  tax_amount, tax_included, shipping_amount, discount_amount, refunded_amount, utc_offset_seconds
)
SELECT
  l.order_id, l.line_number, l.customer_id, l.customer_tier, l.order_timestamp, l.order_date, l.order_hour,
  l.product_id, l.product_name, l.category, l.category_line_number,
  l.quantity, l.unit_price, l.line_total, l.total_amount, l.payment_status,
  l.street, l.city, l.state, l.zipcode, l.country, l.region, l.file_id, l.record_index, @now,
  l.updated_at, l.currency, l.payment_status_text, l.line_discount_amount,
  l.tax_amount, l.tax_included, l.shipping_amount, l.discount_amount, l.refunded_amount, l.utc_offset_seconds
FROM loaded_lines AS l;
