-- All revisions of a file, the one that counts last.
-- Grain: one row per revision.
-- Run by pipelinectl files show; reads only.
-- @param file_id STRING
SELECT l.revision, l.verdict, COALESCE(l.reason, '') AS reason, l.records, l.loaded, l.rejected, l.loaded_at, l.transaction_number
FROM file_ledger AS l
WHERE l.file_id = @file_id
UNION ALL
SELECT h.revision, h.verdict, COALESCE(h.reason, '') AS reason, h.records, h.loaded, h.rejected, h.loaded_at, h.transaction_number
FROM file_ledger_history AS h
WHERE h.file_id = @file_id
ORDER BY revision;
