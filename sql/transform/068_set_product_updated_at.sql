-- Dates the rows that the batch has changed: where the history's last row ends, they begin.
-- Run by the aggregator in its transaction, after the rows before them are kept.
-- @when products
-- @param now TIMESTAMP
UPDATE dim_products AS d
SET updated_at = @now
WHERE d.product_id IN (SELECT c.product_id FROM changed_products AS c);
