-- Grain: one row per product, as the model has it, of those whose id's hash begins with part.
-- Run by bench, drill and tests, to compare with the model; reads the whole table.
-- @param part STRING
SELECT p.product_id, p.product_name, p.category, p.price, p.stock_level, p.file_id, NOT p.is_active AS is_inactive
FROM dim_products AS p
WHERE STARTS_WITH(TO_HEX(MD5(p.product_id)), @part);
