-- Dates the rows that the batch has changed: where the history's last row ends, they begin.
-- Run by the aggregator in its transaction, after the rows before them are kept.
-- @when customers
-- @param now TIMESTAMP
UPDATE dim_customers AS d
SET updated_at = @now
WHERE d.customer_id IN (SELECT c.customer_id FROM changed_customers AS c);
