-- Takes the versions that count again out of the history.
-- Run by the aggregator in its transaction; without an earlier reading it reads no partition.
-- @when orders_again
-- @param replaced_dates ARRAY<DATE>
DELETE FROM order_history AS h
WHERE
  h.order_date IN UNNEST(@replaced_dates)
  AND EXISTS (
    SELECT 1
    FROM order_claims AS c
    WHERE c.outcome = 'restored' AND c.order_id = h.order_id AND c.file_id = h.file_id AND c.record_index = h.record_index
  );
