-- Grain: one row per order whose version in the facts a record of the batch replaces.
-- Run by the aggregator in its transaction.
-- @when replacing
CREATE TEMP TABLE superseded_orders AS
SELECT s.order_id, s.content_hash, s.updated_at, s.landed_at, s.file_id, s.record_index, s.is_update
FROM standing_orders AS s
JOIN order_claims AS c ON c.order_id = s.order_id
WHERE c.is_current AND NOT s.is_restorable;
