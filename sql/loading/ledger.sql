-- Grain: one row per given file that the ledger holds.
-- Run by the aggregator after a transaction, to announce what became of the files.
-- @param file_ids ARRAY<STRING>
SELECT
  l.file_id, l.parse_id, l.revision, l.verdict, COALESCE(l.reason, '') AS reason,
  l.records, l.loaded, l.lines, l.duplicates, l.rejected, l.held, l.loaded_at,
  COALESCE(l.updated, 0) AS updated, COALESCE(l.transaction_number, 0) AS transaction_number,
  l.left_out, l.restored, COALESCE(l.left_out_truncated, FALSE) AS left_out_truncated
FROM file_ledger AS l
WHERE l.file_id IN UNNEST(@file_ids);
