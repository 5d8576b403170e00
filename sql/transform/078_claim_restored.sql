-- Grain: one claim per restorable version that the batch brings no later one of: it counts again. It belongs
-- to no file of the batch, so that no ledger counts it and no finding is made of it.
-- Run by the aggregator in its transaction.
-- @when orders_again
INSERT INTO order_claims (
  file_id, parse_id, record_index, order_id, order_date, content_hash, updated_at, landed_at, lines, verdict, outcome,
  owner_file_id, owner_record_index, is_current, is_update
)
SELECT
  h.file_id, CONCAT('restored ', h.file_id), h.record_index, h.order_id, h.order_date, h.content_hash, h.updated_at,
  h.landed_at, h.lines, 'restored', 'restored', h.file_id, h.record_index, TRUE, COALESCE(h.is_update, FALSE)
FROM restorable_versions AS h
JOIN standing_orders AS s ON s.order_id = h.order_id AND s.is_restorable
LEFT JOIN (SELECT k.order_id FROM order_claims AS k WHERE k.is_current) AS c ON c.order_id = h.order_id
WHERE c.order_id IS NULL;
