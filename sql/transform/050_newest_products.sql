-- Grain: one row per product of the batch: the row of the file that landed last.
-- Run by the aggregator in its transaction.
-- @when products
CREATE TEMP TABLE newest_products AS
SELECT b.*
FROM batch_products AS b
WHERE b.verdict = 'loaded'
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY b.product_id
  ORDER BY b.landed_at DESC, b.file_id DESC, b.record_index DESC
) = 1;
