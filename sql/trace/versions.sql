-- Every version of an order: the one that counts, and those that another has replaced or that came too late.
-- Grain: one row per version, the oldest first. Both tables are clustered by the order.
-- Run by pipelinectl trace; reads only.
-- @param order_id STRING
WITH versions AS (
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
)

SELECT v.outcome, v.order_date, v.content_hash, v.updated_at, v.valid_from, v.valid_to, v.file_id, v.record_index, v.is_update
FROM versions AS v
ORDER BY v.outcome = 'current', v.valid_from, v.outcome, v.file_id, v.record_index;
