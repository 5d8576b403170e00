-- The findings about one record, gravest first, with the content of an order that
-- was refused as a duplicate.
-- Grain: one row per finding.
-- Reads only; run by the reporter.
-- @param file_id STRING
-- @param landed_at TIMESTAMP
-- @param record_index INT64
SELECT
  check_id,
  check_timestamp,
  check_type,
  severity,
  order_id,
  issue_description,
  resolved_at,
  IF(refused_content IS NULL, NULL, TO_JSON_STRING(refused_content)) AS refused_content
FROM data_quality_checks
WHERE file_id = @file_id
  AND check_timestamp >= @landed_at
  AND record_index = @record_index
ORDER BY
  CASE severity WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END,
  check_type,
  check_id
LIMIT 100;
