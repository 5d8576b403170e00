-- The columns of order_keys (the version that counts) and of order_history (those that another has replaced or that came too
-- late) as rows of one kind, of the order @order_id. Both tables are clustered by the order.
SELECT
  'current' AS outcome, k.order_date, k.content_hash, k.updated_at, CAST(NULL AS TIMESTAMP) AS valid_from, CAST(NULL AS TIMESTAMP) AS valid_to,
  k.file_id, k.record_index, COALESCE(k.is_update, FALSE) AS is_update
FROM order_keys AS k
WHERE k.order_id = @order_id
UNION ALL
SELECT
  h.outcome, h.order_date, h.content_hash, h.updated_at, h.valid_from, h.valid_to,
  h.file_id, h.record_index, COALESCE(h.is_update, FALSE) AS is_update
FROM order_history AS h
WHERE h.order_id = @order_id
