-- The findings about one file, counted by rule, gravest and most frequent first.
-- Grain: one row per rule and severity.
-- Reads only; run by the reporter.
-- @param file_id STRING
-- @param landed_at TIMESTAMP
SELECT
  check_type,
  severity,
  SUM(COALESCE(occurrences, 1)) AS findings,
  SUM(IF(resolved_at IS NULL, 0, COALESCE(occurrences, 1))) AS resolved,
  MIN(record_index) AS first_record_index
FROM data_quality_checks
WHERE file_id = @file_id
  AND check_timestamp >= @landed_at
GROUP BY check_type, severity
ORDER BY
  CASE severity WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END,
  findings DESC,
  check_type;
