-- Grain: one row per line of the orders that this batch loads, enriched. Of a line without a product,
-- or of one whose product has no category, the category is none.
-- Run by the aggregator in its transaction; the claims keep it from adding an order twice.
-- @param now TIMESTAMP
INSERT INTO fact_orders (
  order_id, line_number, customer_id, customer_tier, order_timestamp, order_date, order_hour,
  product_id, product_name, category, category_line_number, quantity, unit_price, line_total, total_amount, payment_status,
  street, city, state, zipcode, country, region, file_id, record_index, loaded_at,
  updated_at, currency, payment_status_text, line_discount_amount,
  tax_amount, tax_included, shipping_amount, discount_amount, refunded_amount, utc_offset_seconds
)
WITH order_lines AS (
  SELECT
    o.* EXCEPT (items),
    line_offset + 1 AS line_number,
    item.product_id,
    item.quantity,
    item.unit_price,
    item.discount_amount AS line_discount_amount
  FROM loaded_orders AS o
  CROSS JOIN UNNEST(o.items) AS item WITH OFFSET AS line_offset
),

named_lines AS (
  SELECT
    l.*,
    p.product_name,
    IF(l.product_id IS NOT NULL AND p.product_id IS NULL, 'unknown', COALESCE(p.category, 'none')) AS category
  FROM order_lines AS l
  LEFT JOIN dim_products AS p ON p.product_id = l.product_id
)

SELECT
  l.order_id, l.line_number, l.customer_id, l.customer_tier, l.order_timestamp, l.order_date, l.order_hour,
  l.product_id, l.product_name, l.category, ROW_NUMBER() OVER (PARTITION BY l.order_id, l.category ORDER BY l.line_number),
  l.quantity, l.unit_price, l.quantity * l.unit_price - COALESCE(l.line_discount_amount, NUMERIC '0'), l.total_amount, l.payment_status,
  l.street, l.city, l.state, l.zipcode, l.country, l.region, l.file_id, l.record_index, @now,
  l.updated_at, l.currency, l.payment_status_text, l.line_discount_amount,
  l.tax_amount, l.tax_included, l.shipping_amount, l.discount_amount, l.refunded_amount, l.utc_offset_seconds
FROM named_lines AS l;
