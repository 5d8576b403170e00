-- Findings of a period by time, rule and severity, oldest first.
-- Grain: one row per step (of so many seconds), rule and severity with findings.
-- Reads only; run by the reporter.
-- @param from_time TIMESTAMP
-- @param to_time TIMESTAMP
-- @param rule STRING
-- @param severity STRING
-- @param file STRING
-- @param step_from TIMESTAMP
-- @param step_seconds INT64
SELECT
  TIMESTAMP_ADD(@step_from, INTERVAL (DIV(TIMESTAMP_DIFF(check_timestamp, @step_from, SECOND), @step_seconds) * @step_seconds) SECOND) AS step,
  check_type,
  severity,
  SUM(COALESCE(occurrences, 1)) AS findings
FROM data_quality_checks
WHERE check_timestamp >= @from_time
  AND check_timestamp < @to_time
  AND (@rule IS NULL OR check_type = @rule)
  AND (@severity IS NULL OR severity = @severity)
  AND (@file IS NULL OR file_id = @file)
GROUP BY step, check_type, severity
ORDER BY step, check_type, severity;
