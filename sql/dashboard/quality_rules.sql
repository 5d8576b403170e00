-- Findings of a period, counted by rule and severity, gravest and most frequent first:
-- of all rules, also when the page shows one of them, so that another can be chosen.
-- Grain: one row per rule and severity.
-- Reads only; run by the reporter.
-- @param from_time TIMESTAMP
-- @param to_time TIMESTAMP
-- @param file STRING
SELECT
  check_type,
  severity,
  SUM(COALESCE(occurrences, 1)) AS findings,
  SUM(IF(resolved_at IS NULL, 0, COALESCE(occurrences, 1))) AS resolved,
  COUNT(DISTINCT file_id) AS files,
  MAX(check_timestamp) AS newest_at
FROM data_quality_checks
WHERE check_timestamp >= @from_time
  AND check_timestamp < @to_time
  AND (@file IS NULL OR file_id = @file)
GROUP BY check_type, severity
ORDER BY
  CASE severity WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END,
  findings DESC,
  check_type;
