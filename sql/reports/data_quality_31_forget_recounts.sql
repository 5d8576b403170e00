-- Removes the recounts of the days that are about to be recounted.
-- Run by the reporter's daily run, in the report's transaction.
-- @param audit_dates ARRAY<DATE>
DELETE FROM audit_days AS r
WHERE r.order_date IN UNNEST(@audit_dates);
