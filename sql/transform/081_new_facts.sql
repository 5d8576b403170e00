-- Grain: one row per line of the orders that this batch loads, enriched.
-- Run by the aggregator in its transaction, after the dimensions are merged.
CREATE TEMP TABLE new_facts AS
WITH order_lines AS (
  SELECT
    o.* EXCEPT (items),
    line_offset + 1 AS line_number,
    item.product_id,
    item.quantity,
    item.unit_price
  FROM loaded_orders AS o
  CROSS JOIN UNNEST(o.items) AS item WITH OFFSET AS line_offset
)

SELECT
  l.*,
  l.quantity * l.unit_price AS line_total,
  p.product_name,
  COALESCE(p.category, 'unknown') AS category,
  p.product_id IS NOT NULL AS product_known
FROM order_lines AS l
LEFT JOIN dim_products AS p ON p.product_id = l.product_id;
