-- Findings of a period, counted by rule and severity, gravest and most frequent first.
-- Grain: one row per rule and severity.
-- Reads only; run by the reporter.
-- @param from_time TIMESTAMP
-- @param to_time TIMESTAMP
SELECT
  check_type,
  severity,
  COUNT(*) AS findings,
  COUNT(DISTINCT file_id) AS files,
  MAX(check_timestamp) AS newest_at
FROM data_quality_checks
WHERE check_timestamp >= @from_time
  AND check_timestamp < @to_time
GROUP BY check_type, severity
ORDER BY
  CASE severity WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END,
  findings DESC,
  check_type;
