-- Grain: one row per line of the orders that this batch loads.
-- Run by the aggregator in its transaction; the claims keep it from adding an order twice.
-- @param now TIMESTAMP
INSERT INTO fact_orders (
  order_id, line_number, customer_id, customer_tier, order_timestamp, order_date, order_hour,
  product_id, product_name, category, quantity, unit_price, line_total, total_amount, payment_status,
  street, city, state, zipcode, country, region, file_id, record_index, loaded_at
)
SELECT
  f.order_id, f.line_number, f.customer_id, f.customer_tier, f.order_timestamp, f.order_date, f.order_hour,
  f.product_id, f.product_name, f.category, f.quantity, f.unit_price, f.line_total, f.total_amount, f.payment_status,
  f.street, f.city, f.state, f.zipcode, f.country, f.region, f.file_id, f.record_index, @now
FROM new_facts AS f;
