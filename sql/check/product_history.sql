-- Grain: one row per product and content that the dimension has had before, as the model has it, of
-- those whose id's hash begins with part.
-- Run by bench, drill and tests, to compare with the model; reads the whole table.
-- @param part STRING
SELECT
  h.product_id, h.valid_from, h.valid_to, h.product_name, h.category, h.price, h.stock_level, h.file_id, NOT h.is_active AS is_inactive
FROM dim_products_history AS h
WHERE STARTS_WITH(TO_HEX(MD5(h.product_id)), @part);
