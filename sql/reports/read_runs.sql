-- The reports of the newest dates that have some, between two days.
-- Grain: one row per date and report, newest first.
-- Reads only; run by the reporter, and by its daily run to learn what exists. The table has seven short
-- rows per date.
-- @param from_date DATE
-- @param to_date DATE
-- @param page_size INT64
WITH dates AS (
  SELECT DISTINCT r.report_date
  FROM report_runs AS r
  WHERE r.report_date BETWEEN @from_date AND @to_date
  ORDER BY r.report_date DESC
  LIMIT @page_size
)

SELECT r.report_date, r.report, r.row_count, r.data_through, r.parameters
FROM report_runs AS r
JOIN dates AS d ON d.report_date = r.report_date
WHERE r.report_date BETWEEN @from_date AND @to_date
ORDER BY r.report_date DESC, r.report;
