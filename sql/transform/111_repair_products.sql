-- Gives the facts that waited for a product its name and category.
-- Run by the aggregator in its transaction; a repaired fact is not touched again.
-- @param repair_dates ARRAY<DATE>
UPDATE fact_orders AS f
SET
  product_name = p.product_name,
  category = p.category
FROM dim_products AS p
WHERE
  f.order_date IN UNNEST(@repair_dates)
  AND f.product_name IS NULL
  AND f.product_id = p.product_id
  AND f.product_id IN (SELECT r.ref_id FROM resolved_refs AS r WHERE r.ref_kind = 'product');
