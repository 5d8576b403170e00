-- Removes the facts of the orders that the batch replaces.
-- Run by the aggregator in its transaction; without such an order it reads no partition.
-- @when replacing
-- @param replaced_dates ARRAY<DATE>
DELETE FROM fact_orders AS f
WHERE
  f.order_date IN UNNEST(@replaced_dates)
  AND EXISTS (
    SELECT 1
    FROM superseded_orders AS s
    WHERE s.order_id = f.order_id AND s.file_id = f.file_id
  );
