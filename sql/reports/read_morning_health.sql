-- What the audit of a day comes to.
-- Grain: one row. Findings are those of the day, errors and warnings the checks that ended so.
-- Reads only; run by the reporter.
-- @param report_date DATE
SELECT
  COUNT(*) AS checks,
  COUNTIF(r.status = 'error') AS errors,
  COUNTIF(r.status = 'warning') AS warnings,
  CAST(SUM(IF(r.check_name = 'found_on_day', r.value, NUMERIC '0')) AS INT64) AS findings,
  CAST(MAX(IF(r.check_name = 'orders_of_day', r.value, NULL)) AS INT64) AS orders,
  CAST(MAX(IF(r.check_name = 'orders_landed_later', r.value, NULL)) AS INT64) AS orders_landed_later
FROM report_data_quality AS r
WHERE r.report_date = @report_date;
