-- Ends the transaction if a file of the batch does not account for each of its records once.
-- Run by the aggregator in its transaction, after the ledger is written.
ASSERT NOT EXISTS (
  SELECT 1
  FROM file_ledger AS l
  JOIN batch_files AS f ON f.file_id = l.file_id
  WHERE l.records != l.loaded + l.duplicates + l.rejected + l.held
)
AS 'ledger_imbalance';
