-- Grain: one row per given file that the ledger holds, and what became of its records.
-- Run by pipelinectl upload until all files are there; reads only.
-- @param file_ids ARRAY<STRING>
SELECT
  l.file_id, l.verdict, COALESCE(l.reason, '') AS reason, l.records, l.loaded, l.duplicates, l.rejected, l.held,
  COALESCE(l.updated, 0) AS updated
FROM file_ledger AS l
WHERE l.file_id IN UNNEST(@file_ids)
ORDER BY l.landed_at, l.file_id;
