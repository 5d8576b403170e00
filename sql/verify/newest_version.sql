-- Grain: one row per version in the history that is later than the one that counts, by updated_at. Where the
-- source does not tell the time of one of an order's versions, the order of landing may have decided.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH versions AS (
  SELECT h.order_id, MAX(h.updated_at) AS newest, LOGICAL_AND(h.updated_at IS NOT NULL) AS is_told
  FROM order_history AS h
  GROUP BY h.order_id
)

SELECT
  CONCAT('order ', k.order_id, ': updated_at is ', CAST(k.updated_at AS STRING), ', order_history has a version of ', CAST(v.newest AS STRING)) AS detail
FROM order_keys AS k
JOIN versions AS v ON v.order_id = k.order_id
WHERE v.is_told AND v.newest > k.updated_at;
