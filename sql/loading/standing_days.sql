-- Grain: one row per day on which the warehouse may hold an order of the given readings. It compares 52 bits
-- of each id's fingerprint, so that the ids and what else the keys hold need be read for those days alone: orders
-- of another id with the same bits cost no more than that. A key of an earlier release without a mark may
-- be any order's.
-- Run by the aggregator before a transaction with orders; it reads two columns of order_keys on the days that
-- the ranges of ids leave, and the marks if they were asked.
-- @param file_ids ARRAY<STRING>
-- @param parse_ids ARRAY<STRING>
-- @param landed_dates ARRAY<DATE>
-- @param possible_dates ARRAY<DATE>
WITH asked AS (
  SELECT DISTINCT FARM_FINGERPRINT(o.order_id) & -4096 AS fingerprint
  FROM staging_orders AS o
  WHERE
    o.landed_date IN UNNEST(@landed_dates)
    AND o.file_id IN UNNEST(@file_ids)
    AND o.parse_id IN UNNEST(@parse_ids)
)

SELECT DISTINCT k.order_date AS day
FROM order_keys AS k
LEFT JOIN asked AS a ON a.fingerprint = k.order_mark & -4096
WHERE
  k.order_date IN UNNEST(@possible_dates)
  AND (k.order_mark IS NULL OR a.fingerprint IS NOT NULL);
