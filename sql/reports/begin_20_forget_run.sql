-- Removes the note that a date has the report, which is about to be made anew.
-- Run by the reporter's daily run, in the transaction of each report.
-- @param report STRING
-- @param report_dates ARRAY<DATE>
DELETE FROM report_runs AS r
WHERE r.report_date IN UNNEST(@report_dates) AND r.report = @report;
