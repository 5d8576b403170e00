-- The refused records of one reading of a file, in the file's order, one page at a
-- time, without their bytes.
-- Grain: one row per refused record. A page starts behind after_index.
-- Reads only; run by the reporter.
-- @param file_id STRING
-- @param parse_id STRING
-- @param landed_date DATE
-- @param after_index INT64
-- @param page_size INT64
SELECT
  record_index,
  rule,
  field_path,
  message,
  byte_offset,
  byte_length,
  rejected_at
FROM v_rejected_records
WHERE landed_date = @landed_date
  AND file_id = @file_id
  AND parse_id = @parse_id
  AND record_index > @after_index
ORDER BY record_index
LIMIT @page_size;
