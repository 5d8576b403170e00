-- The newest day in a range for which all seven reports were made, until when their data go, and whether its audit held
-- expectations of the shop's own.
-- Grain: at most one row.
-- Reads only; run by the reporter, which exports the age of it, and by the doctor. The table has seven short rows
-- per date.
-- @param from_date DATE
-- @param to_date DATE
SELECT r.report_date, MIN(r.data_through) AS data_through, COUNTIF(r.report = 'data-quality' AND r.parameters LIKE '% EXPECTATIONS=%') > 0 AS has_expectations
FROM report_runs AS r
WHERE r.report_date BETWEEN @from_date AND @to_date
GROUP BY r.report_date
HAVING COUNT(DISTINCT r.report) = 7
ORDER BY data_through DESC
LIMIT 1;
