-- Grain: one row per order that this batch loads.
-- Run by the aggregator in its transaction, together with the facts.
-- @when orders
INSERT INTO order_keys (order_id, content_hash, order_date, file_id, record_index, updated_at, landed_at, is_update, order_fingerprint)
SELECT c.order_id, c.content_hash, c.order_date, c.file_id, c.record_index, c.updated_at, c.landed_at, c.is_update, FARM_FINGERPRINT(c.order_id)
FROM order_claims AS c
WHERE c.is_current;
