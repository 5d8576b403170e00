-- The newest run of a report between two days.
-- Grain: at most one row.
-- Reads only; run by the reporter.
-- @param report STRING
-- @param from_date DATE
-- @param to_date DATE
SELECT r.report_date, r.report, r.row_count, r.data_through, r.parameters
FROM report_runs AS r
WHERE r.report_date BETWEEN @from_date AND @to_date AND r.report = @report
ORDER BY r.report_date DESC
LIMIT 1;
