-- Removes the facts of earlier readings; the new readings' facts take their place.
-- Run by the aggregator in its transaction; without an earlier reading it reads no partition.
-- @when orders_again
-- @param replaced_dates ARRAY<DATE>
DELETE FROM fact_orders AS f
WHERE
  f.order_date IN UNNEST(@replaced_dates)
  AND f.file_id IN (SELECT r.file_id FROM replaced_files AS r);
