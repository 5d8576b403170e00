-- How many of the shop's own expectations the audit of a day found broken, by how bad that is.
-- Grain: exactly one row.
-- Reads only; run by the reporter, which exports it.
-- @param report_date DATE
SELECT COUNTIF(r.status = 'warning') AS warnings, COUNTIF(r.status = 'error') AS errors
FROM report_data_quality AS r
WHERE r.report_date = @report_date AND r.section = 'expectations';
