-- Grain: one row per day on which the warehouse may hold an order of the given readings. It compares eight
-- bytes of each id, so that the ids and what else the keys hold need be read for those days alone: orders
-- of another id with the same fingerprint cost no more than that. A key of an earlier release without a
-- fingerprint may be any order's.
-- Run by the aggregator before each transaction with orders; it reads two columns of order_keys between
-- the given days.
-- @param file_ids ARRAY<STRING>
-- @param parse_ids ARRAY<STRING>
-- @param landed_dates ARRAY<DATE>
-- @param dedup_from DATE
-- @param dedup_to DATE
WITH asked AS (
  SELECT DISTINCT FARM_FINGERPRINT(o.order_id) AS order_fingerprint
  FROM staging_orders AS o
  WHERE
    o.landed_date IN UNNEST(@landed_dates)
    AND o.file_id IN UNNEST(@file_ids)
    AND o.parse_id IN UNNEST(@parse_ids)
)

SELECT DISTINCT k.order_date AS day
FROM order_keys AS k
LEFT JOIN asked AS a ON a.order_fingerprint = k.order_fingerprint
WHERE
  k.order_date BETWEEN @dedup_from AND @dedup_to
  AND (k.order_fingerprint IS NULL OR a.order_fingerprint IS NOT NULL);
