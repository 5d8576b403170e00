-- Removes the keys of the orders that the batch replaces.
-- Run by the aggregator in its transaction; without such an order it reads no partition.
-- @when replacing
-- @param replaced_dates ARRAY<DATE>
DELETE FROM order_keys AS k
WHERE
  k.order_date IN UNNEST(@replaced_dates)
  AND EXISTS (
    SELECT 1
    FROM superseded_orders AS s
    WHERE s.order_id = k.order_id AND s.file_id = k.file_id
  );
