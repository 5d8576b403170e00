-- The newest date with the report cohorts, and until when its data go.
-- Grain: at most one row.
-- Reads only; run by the reporter. Of report_runs it reads a few short rows per date.
-- @param oldest_date DATE
SELECT r.report_date, r.data_through
FROM report_runs AS r
WHERE r.report_date >= @oldest_date AND r.report = 'cohorts'
ORDER BY r.report_date DESC
LIMIT 1;
