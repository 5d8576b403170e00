-- Files of the ledger for which all conditions hold that are given, the last to land first.
-- Grain: one row per such file. NULL is no condition; the name is found by a part of it, in any case.
-- Run by pipelinectl files, release and reprocess; reads only.
-- @param file_ids ARRAY<STRING>
-- @param name STRING
-- @param kind STRING
-- @param verdict STRING
-- @param reason STRING
-- @param from_date DATE
-- @param to_date DATE
-- @param most INT64
SELECT
  l.file_id, l.kind, l.landing_name, l.verdict, COALESCE(l.reason, '') AS reason, COALESCE(l.overrides, '') AS overrides,
  l.parse_id, l.revision, l.bytes, l.records, l.loaded, COALESCE(l.updated, 0) AS updated, l.duplicates, l.rejected, l.held,
  l.landed_at, l.claimed_at, l.parsed_at, l.loaded_at, l.transaction_number
FROM file_ledger AS l
WHERE
  (ARRAY_LENGTH(@file_ids) = 0 OR l.file_id IN UNNEST(@file_ids))
  AND (@name IS NULL OR STRPOS(LOWER(l.landing_name), LOWER(@name)) > 0)
  AND (@kind IS NULL OR l.kind = @kind)
  AND (@verdict IS NULL OR l.verdict = @verdict)
  AND (@reason IS NULL OR l.reason = @reason)
  AND (@from_date IS NULL OR DATE(l.landed_at) >= @from_date)
  AND (@to_date IS NULL OR DATE(l.landed_at) <= @to_date)
ORDER BY l.landed_at DESC, l.file_id DESC
LIMIT @most;
