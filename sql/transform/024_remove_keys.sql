-- Removes the order ids that earlier readings own, so that the new readings can claim them.
-- Records of other files that repeated such an order stay duplicates, even if the new reading
-- no longer holds it, until their own file is reprocessed.
-- Run by the aggregator in its transaction; without an earlier reading it reads no partition.
-- @when orders_again
-- @param replaced_dates ARRAY<DATE>
DELETE FROM order_keys AS k
WHERE
  k.order_date IN UNNEST(@replaced_dates)
  AND k.file_id IN (SELECT r.file_id FROM replaced_files AS r);
