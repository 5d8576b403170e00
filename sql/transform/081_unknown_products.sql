-- Grain: one row per loaded order and product in it that no catalog has named yet.
-- A line without a product waits for none.
-- Run by the aggregator in its transaction, after the dimensions are merged.
CREATE TEMP TABLE unknown_products AS
WITH ordered AS (
  SELECT o.file_id, o.parse_id, o.record_index, o.order_id, o.order_date, item.product_id
  FROM loaded_orders AS o
  CROSS JOIN UNNEST(o.items) AS item
)

SELECT DISTINCT o.file_id, o.parse_id, o.record_index, o.order_id, o.order_date, o.product_id
FROM ordered AS o
LEFT JOIN dim_products AS p ON p.product_id = o.product_id
WHERE o.product_id IS NOT NULL AND p.product_id IS NULL;
