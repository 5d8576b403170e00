-- What an operator is told of by the webhook: dead letters that nobody has settled, quality errors since the shop's
-- midnight, and the newest day that has all seven reports.
-- Grain: exactly one row. A dead letter of a record whose file was read again is settled.
-- Reads only; run by the reporter, if it has a webhook.
-- @param letters_from DATE
-- @param today_from TIMESTAMP
-- @param reports_from DATE
-- @param reports_to DATE
WITH settled AS (
  SELECT DISTINCT f.dead_letter_id
  FROM dead_letter_fates AS f
  WHERE f.decided_date >= DATE_SUB(@letters_from, INTERVAL 1 DAY)
),

letters AS (
  SELECT COUNT(*) AS open_letters
  FROM v_dead_letters AS d
  LEFT JOIN settled AS s ON s.dead_letter_id = d.dead_letter_id
  LEFT JOIN file_ledger_history AS h ON h.file_id = d.file_id AND h.parse_id = d.parse_id
  WHERE d.dead_lettered_date >= @letters_from
    AND s.dead_letter_id IS NULL
    AND (d.record_index IS NULL OR h.file_id IS NULL)
),

faults AS (
  SELECT COALESCE(SUM(COALESCE(q.occurrences, 1)), 0) AS quality_errors
  FROM data_quality_checks AS q
  WHERE q.check_timestamp >= @today_from AND q.severity = 'error'
),

complete AS (
  SELECT r.report_date, MIN(r.data_through) AS data_through
  FROM report_runs AS r
  WHERE r.report_date BETWEEN @reports_from AND @reports_to
  GROUP BY r.report_date
  HAVING COUNT(DISTINCT r.report) = 7
),

reports AS (
  SELECT MAX(c.data_through) AS reports_through
  FROM complete AS c
)

SELECT letters.open_letters, faults.quality_errors, reports.reports_through
FROM letters
CROSS JOIN faults
CROSS JOIN reports;
