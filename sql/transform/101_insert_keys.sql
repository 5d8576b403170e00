-- Grain: one row per order that this batch loads.
-- Run by the aggregator in its transaction, together with the facts.
-- @when orders
INSERT INTO order_keys (order_id, content_hash, order_date, file_id, record_index, updated_at, landed_at, is_update, order_mark)
SELECT
  k.order_id, k.content_hash, k.order_date, k.file_id, k.record_index, k.updated_at, k.landed_at, k.is_update,
  -- @include order_mark
FROM order_claims AS k
WHERE k.is_current;
