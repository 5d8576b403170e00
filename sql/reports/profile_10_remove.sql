-- Removes the report of a date, which is about to be made anew.
-- Run by the reporter's daily run, in the report's transaction.
-- @param report_dates ARRAY<DATE>
DELETE FROM report_profile AS r
WHERE r.report_date IN UNNEST(@report_dates);
