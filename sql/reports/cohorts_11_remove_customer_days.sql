-- Removes what the report of a date, which is about to be made anew, has in report_customer_days.
-- Run by the reporter's daily run, in the report's transaction.
-- @param report_dates ARRAY<DATE>
DELETE FROM report_customer_days AS r
WHERE r.report_date IN UNNEST(@report_dates);
