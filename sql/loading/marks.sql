-- Grain: one row per remainder of days since 1970 by 4096, of the days on which the warehouse may hold an
-- order of the given readings; NULL if a key of an earlier release has no mark, and may be any order's.
-- The marks of the keys tell both: 52 bits of a fingerprint of the id, and twelve of the day. It reads
-- eight bytes of each key, where the day besides would be as much again.
-- Run by the aggregator before a transaction with orders whose ids tell too little of their days.
-- @param file_ids ARRAY<STRING>
-- @param parse_ids ARRAY<STRING>
-- @param landed_dates ARRAY<DATE>
WITH asked AS (
  SELECT DISTINCT FARM_FINGERPRINT(o.order_id) & -4096 AS fingerprint
  FROM staging_orders AS o
  WHERE
    o.landed_date IN UNNEST(@landed_dates)
    AND o.file_id IN UNNEST(@file_ids)
    AND o.parse_id IN UNNEST(@parse_ids)
)

SELECT DISTINCT k.order_mark & 4095 AS remainder
FROM order_keys AS k
LEFT JOIN asked AS a ON a.fingerprint = k.order_mark & -4096
WHERE k.order_mark IS NULL OR a.fingerprint IS NOT NULL;
