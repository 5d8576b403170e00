-- Grain: one row per product that the batch has changed, as dim_products showed it before. A row that
-- landed again with the same content is none, and neither is one whose changes cancel each other.
-- Run by the aggregator in its transaction, after the dimension is merged and deactivated.
-- @when products
CREATE TEMP TABLE changed_products AS
SELECT b.*
FROM products_before AS b
JOIN dim_products AS d ON d.product_id = b.product_id
WHERE d.content_hash != b.content_hash OR d.is_active != b.is_active;
