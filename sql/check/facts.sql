-- Grain: one row per order line, as the model has it, of the orders whose id's hash begins with part:
-- the whole table would be more than one answer may hold. Reads the whole table.
-- Run by bench, drill and tests, to compare with the model.
-- @param part STRING
SELECT
  f.order_id, f.line_number, f.customer_id, f.customer_tier, f.order_timestamp, f.order_date, f.order_hour, f.product_id,
  f.product_name, f.category, f.category_line_number, f.quantity, f.unit_price, f.line_total, f.total_amount, f.payment_status,
  f.street, f.city, f.state, f.zipcode, f.country, f.region, f.file_id, f.record_index,
  f.updated_at, f.currency, f.payment_status_text, f.line_discount_amount, f.tax_amount, CAST(f.tax_included AS STRING) AS tax_included,
  f.shipping_amount, f.discount_amount, f.refunded_amount
FROM fact_orders AS f
WHERE STARTS_WITH(TO_HEX(MD5(f.order_id)), @part);
