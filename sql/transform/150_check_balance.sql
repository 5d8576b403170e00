-- Ends the transaction if a file of the batch does not account for each of its records once.
-- Run by the aggregator in its transaction, after the ledger is written; changes nothing.
SELECT IF(COUNT(*) = 0, TRUE, ERROR('ledger_imbalance')) AS is_balanced
FROM file_ledger AS l
JOIN batch_files AS f ON f.file_id = l.file_id
WHERE l.records != l.loaded + l.duplicates + l.rejected + l.held;
