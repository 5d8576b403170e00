-- Grain: one row per rule, kind of file and span: the findings of the report date and of all time.
-- Opens the table that all measures of the audit are collected in.
-- Run by the reporter's daily run, in the report's transaction. It reads five columns of all findings.
-- @param day_start TIMESTAMP
-- @param data_through TIMESTAMP
CREATE TEMP TABLE audit AS
WITH found AS (
  SELECT
    q.check_type,
    q.severity,
    COALESCE(l.kind, 'unknown') AS kind,
    SUM(IF(q.check_timestamp >= @day_start, COALESCE(q.occurrences, 1), 0)) AS on_day,
    SUM(COALESCE(q.occurrences, 1)) AS in_total
  FROM data_quality_checks AS q
  LEFT JOIN file_ledger AS l ON l.file_id = q.file_id
  WHERE q.check_timestamp < @data_through
  GROUP BY q.check_type, q.severity, kind
)

SELECT
  1 AS section_rank,
  c.place,
  'findings' AS section,
  c.check_name,
  f.kind AS table_name,
  f.check_type AS subject,
  CAST(c.findings AS NUMERIC) AS value,
  'count' AS unit,
  CAST(NULL AS STRING) AS expectation,
  CASE WHEN c.place = 2 OR f.severity = 'info' THEN 'info' WHEN c.findings = 0 THEN 'ok' ELSE f.severity END AS status,
  CAST(NULL AS STRING) AS examples
FROM found AS f
CROSS JOIN UNNEST([
  STRUCT(1 AS place, 'found_on_day' AS check_name, f.on_day AS findings),
  (2, 'found_in_total', f.in_total)
]) AS c;
