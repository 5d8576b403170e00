-- One refused record with its original bytes and each of its faults, which records of an earlier release have in one
-- message alone.
-- Grain: one row, none if the reading did not refuse the record.
-- Reads only; run by the reporter.
-- @param file_id STRING
-- @param parse_id STRING
-- @param landed_date DATE
-- @param record_index INT64
SELECT
  record_index,
  rule,
  field_path,
  message,
  byte_offset,
  byte_length,
  sha256,
  parser_version,
  rejected_at,
  IF(faults IS NULL, NULL, TO_JSON_STRING(faults)) AS faults,
  fault_count,
  payload
FROM v_rejected_records
WHERE landed_date = @landed_date
  AND file_id = @file_id
  AND parse_id = @parse_id
  AND record_index = @record_index;
