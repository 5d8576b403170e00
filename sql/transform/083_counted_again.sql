-- Grain: one row per file of which versions count again that were left out as stale.
-- Run by the aggregator in its transaction.
-- @when orders_again
CREATE TEMP TABLE counted_again AS
SELECT h.file_id, COUNT(*) AS records, SUM(h.lines) AS order_lines
FROM restorable_versions AS h
JOIN order_claims AS c ON c.file_id = h.file_id AND c.record_index = h.record_index
WHERE c.outcome = 'restored' AND h.outcome = 'stale'
GROUP BY h.file_id;
