-- One file of the ledger.
-- Grain: one row, none if the ledger does not hold the file.
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
FROM file_ledger
WHERE file_id = @file_id;
