-- Grain: one row per line of each order that has waited for a product which this batch's catalogs
-- name: what the line is once the product is known, and its place among its category's lines.
-- Run by the aggregator in its transaction; without such an order it is empty.
-- @when repairs
-- @param repair_dates ARRAY<DATE>
CREATE TEMP TABLE repaired_lines AS
WITH known AS (
  SELECT p.product_id, p.product_name, p.category
  FROM dim_products AS p
  WHERE p.product_id IN (SELECT r.ref_id FROM resolved_refs AS r WHERE r.ref_kind = 'product')
),

waiting AS (
  SELECT DISTINCT f.order_id
  FROM fact_orders AS f
  JOIN known AS k ON k.product_id = f.product_id
  WHERE f.order_date IN UNNEST(@repair_dates) AND f.product_name IS NULL
),

named AS (
  SELECT
    f.order_id,
    f.line_number,
    COALESCE(f.product_name, k.product_name) AS product_name,
    IF(f.product_name IS NULL AND k.product_id IS NOT NULL, COALESCE(k.category, 'none'), f.category) AS category
  FROM fact_orders AS f
  JOIN waiting AS w ON w.order_id = f.order_id
  LEFT JOIN known AS k ON k.product_id = f.product_id
  WHERE f.order_date IN UNNEST(@repair_dates)
)

SELECT
  n.order_id,
  n.line_number,
  n.product_name,
  n.category,
  ROW_NUMBER() OVER (PARTITION BY n.order_id, n.category ORDER BY n.line_number) AS category_line_number
FROM named AS n;
