-- Removes the versions of orders that earlier readings have left in the history; the new readings'
-- versions take their place.
-- Run by the aggregator in its transaction; without an earlier reading it reads no partition.
-- @when orders_again
-- @param replaced_dates ARRAY<DATE>
DELETE FROM order_history AS h
WHERE
  h.order_date IN UNNEST(@replaced_dates)
  AND h.file_id IN (SELECT r.file_id FROM replaced_files AS r);
