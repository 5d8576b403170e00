-- The ledger of files, newest first, one page at a time.
-- Grain: one row per file whose row was written in the period. A page starts
-- behind (before_time, before_id), so that new files move no page. The search
-- finds a part of the name or of the reason, in any case, or a whole file_id.
-- Reads only; run by the reporter.
-- @param from_time TIMESTAMP
-- @param to_time TIMESTAMP
-- @param search STRING
-- @param kind STRING
-- @param verdict STRING
-- @param before_time TIMESTAMP
-- @param before_id STRING
-- @param page_size INT64
SELECT
  file_id,
  parse_id,
  revision,
  kind,
  landing_name,
  bytes,
  records,
  loaded,
  lines,
  duplicates,
  rejected,
  held,
  verdict,
  reason,
  overrides,
  landed_at,
  claimed_at,
  parsed_at,
  loaded_at
FROM file_ledger
WHERE loaded_at >= @from_time
  AND loaded_at < @to_time
  AND (@kind IS NULL OR kind = @kind)
  AND (@verdict IS NULL OR verdict = @verdict)
  AND (
    @search IS NULL
    OR file_id = @search
    OR STRPOS(LOWER(landing_name), LOWER(@search)) > 0
    OR STRPOS(COALESCE(reason, ''), LOWER(@search)) > 0
  )
  AND (loaded_at < @before_time OR (loaded_at = @before_time AND file_id < @before_id))
ORDER BY loaded_at DESC, file_id DESC
LIMIT @page_size;
