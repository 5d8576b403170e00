-- Grain: one row per day on which the warehouse holds another version of an order of the given readings.
-- Run by the aggregator before a transaction whose records may replace others; it reads the keys of the
-- days that loading/standing_days names, and the readings' rows in staging.
-- @param file_ids ARRAY<STRING>
-- @param parse_ids ARRAY<STRING>
-- @param landed_dates ARRAY<DATE>
-- @param standing_dates ARRAY<DATE>
SELECT DISTINCT k.order_date AS day
FROM order_keys AS k
JOIN staging_orders AS o ON o.order_id = k.order_id AND o.content_hash != k.content_hash
WHERE
  k.order_date IN UNNEST(@standing_dates)
  AND o.landed_date IN UNNEST(@landed_dates)
  AND o.file_id IN UNNEST(@file_ids)
  AND o.parse_id IN UNNEST(@parse_ids);
