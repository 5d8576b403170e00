-- The readings of a file that later revisions have replaced, newest first.
-- Grain: one row per replaced revision.
-- Reads only; run by the reporter.
-- @param file_id STRING
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
FROM file_ledger_history
WHERE file_id = @file_id
ORDER BY revision DESC;
