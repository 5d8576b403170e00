-- Grain: one row per line of the orders that this batch loads, enriched.
-- Run by the aggregator in its transaction; the claims keep it from adding an order twice.
-- @param now TIMESTAMP
INSERT INTO fact_orders (
  order_id, line_number, customer_id, customer_tier, order_timestamp, order_date, order_hour,
  product_id, product_name, category, category_line_number, quantity, unit_price, line_total, total_amount, payment_status,
  street, city, state, zipcode, country, region, file_id, record_index, loaded_at
)
WITH order_lines AS (
  SELECT
    o.* EXCEPT (items),
    line_offset + 1 AS line_number,
    item.product_id,
    item.quantity,
    item.unit_price
  FROM loaded_orders AS o
  CROSS JOIN UNNEST(o.items) AS item WITH OFFSET AS line_offset
),

named_lines AS (
  SELECT l.*, p.product_name, COALESCE(p.category, 'unknown') AS category
  FROM order_lines AS l
  LEFT JOIN dim_products AS p ON p.product_id = l.product_id
)

SELECT
  l.order_id, l.line_number, l.customer_id, l.customer_tier, l.order_timestamp, l.order_date, l.order_hour,
  l.product_id, l.product_name, l.category, ROW_NUMBER() OVER (PARTITION BY l.order_id, l.category ORDER BY l.line_number),
  l.quantity, l.unit_price, l.quantity * l.unit_price, l.total_amount, l.payment_status,
  l.street, l.city, l.state, l.zipcode, l.country, l.region, l.file_id, l.record_index, @now
FROM named_lines AS l;
