-- Merges the batch's newest rows into dim_products; a row changes only by a file that landed later,
-- or by a new reading of the file that wrote it. It is active unless it says itself that it is not.
-- Run by the aggregator in its transaction; running it again changes nothing.
-- @when products
-- @param now TIMESTAMP
MERGE INTO dim_products AS d
USING newest_products AS s
ON d.product_id = s.product_id
WHEN MATCHED AND (s.landed_at > d.landed_at OR s.file_id = d.file_id) THEN UPDATE SET
  product_name = s.product_name,
  category = s.category,
  price = s.price,
  stock_level = s.stock_level,
  is_active = s.is_active,
  content_hash = s.content_hash,
  file_id = s.file_id,
  landed_at = s.landed_at
WHEN NOT MATCHED THEN
  INSERT (product_id, product_name, category, price, stock_level, is_active, content_hash, file_id, landed_at, updated_at)
  VALUES (s.product_id, s.product_name, s.category, s.price, s.stock_level, s.is_active, s.content_hash, s.file_id, s.landed_at, @now);
