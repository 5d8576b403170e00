-- Grain: one row per given file that the ledger holds, in the order of landing.
-- Run by pipelinectl release and reprocess; reads only.
-- @param file_ids ARRAY<STRING>
SELECT
  l.file_id, l.landing_name, l.verdict, COALESCE(l.reason, '') AS reason, COALESCE(l.overrides, '') AS overrides,
  l.revision, l.landed_at
FROM file_ledger AS l
WHERE l.file_id IN UNNEST(@file_ids)
ORDER BY l.landed_at, l.file_id;
