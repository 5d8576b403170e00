-- Removes what the report of a date, which is about to be made anew, has in report_order_times.
-- Run by the reporter's daily run, in the report's transaction.
-- @param report_dates ARRAY<DATE>
DELETE FROM report_order_times AS r
WHERE r.report_date IN UNNEST(@report_dates);
