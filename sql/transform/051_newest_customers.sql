-- Grain: one row per customer of the batch: the row of the file that landed last.
-- Run by the aggregator in its transaction.
-- @when customers
CREATE TEMP TABLE newest_customers AS
SELECT b.*
FROM batch_customers AS b
WHERE b.verdict = 'loaded'
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY b.customer_id
  ORDER BY b.landed_at DESC, b.file_id DESC, b.record_index DESC
) = 1;
