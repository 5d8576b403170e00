-- Findings of a period, newest first, one page at a time, each with its file's name.
-- Grain: one row per finding. A page starts behind (before_time, before_id), so
-- that new findings move no page.
-- Reads only; run by the reporter.
-- @param from_time TIMESTAMP
-- @param to_time TIMESTAMP
-- @param rule STRING
-- @param severity STRING
-- @param file STRING
-- @param before_time TIMESTAMP
-- @param before_id STRING
-- @param page_size INT64
WITH findings AS (
  SELECT check_id, check_timestamp, check_type, severity, file_id, record_index, order_id, issue_description, occurrences, resolved_at
  FROM data_quality_checks
  WHERE check_timestamp >= @from_time
    AND check_timestamp < @to_time
    AND (@rule IS NULL OR check_type = @rule)
    AND (@severity IS NULL OR severity = @severity)
    AND (@file IS NULL OR file_id = @file)
    AND (check_timestamp < @before_time OR (check_timestamp = @before_time AND check_id < @before_id))
  ORDER BY check_timestamp DESC, check_id DESC
  LIMIT @page_size
)
SELECT
  findings.check_id,
  findings.check_timestamp,
  findings.check_type,
  findings.severity,
  findings.file_id,
  file_ledger.landing_name,
  findings.record_index,
  findings.order_id,
  findings.issue_description,
  findings.occurrences,
  findings.resolved_at
FROM findings
LEFT JOIN file_ledger ON file_ledger.file_id = findings.file_id
ORDER BY findings.check_timestamp DESC, findings.check_id DESC;
