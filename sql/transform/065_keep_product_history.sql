-- Grain: one row per product that the batch has changed: what the dimension has shown until now.
-- Run by the aggregator in its transaction.
-- @when products
-- @param now TIMESTAMP
INSERT INTO dim_products_history (
  product_id, product_name, category, price, stock_level, is_active, content_hash, file_id, landed_at, valid_from, valid_to
)
SELECT
  c.product_id, c.product_name, c.category, c.price, c.stock_level, c.is_active, c.content_hash, c.file_id, c.landed_at, c.updated_at, @now
FROM changed_products AS c;
