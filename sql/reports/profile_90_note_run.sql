-- Grain: one row: that the date has this report, and how long it is.
-- Run by the reporter's daily run, last in the report's transaction.
-- @param report STRING
-- @param report_date DATE
-- @param data_through TIMESTAMP
-- @param parameters STRING
INSERT INTO report_runs (report_date, report, row_count, data_through, parameters)
SELECT @report_date, @report, COUNT(*), @data_through, @parameters
FROM report_profile AS r
WHERE r.report_date = @report_date;
