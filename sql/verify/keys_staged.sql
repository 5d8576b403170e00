-- Grain: one row per order and column of order_keys that is not what staging holds of its record, or what the
-- ledger says of its file. Of files that staging no longer holds only the ledger can tell.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH staged AS (
  SELECT s.file_id, s.record_index, s.order_id, s.content_hash
  FROM staging_orders AS s
  JOIN file_ledger AS l ON l.file_id = s.file_id AND l.parse_id = s.parse_id
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY s.parse_id, s.record_index ORDER BY s.content_hash) = 1
)

SELECT
  CONCAT('key of order ', k.order_id, ': ', c.name, ' is ', COALESCE(c.stored, 'NULL'), ', ', l.landing_name, c.source, ' has ', c.want) AS detail
FROM order_keys AS k
JOIN file_ledger AS l ON l.file_id = k.file_id
LEFT JOIN staged AS s ON s.file_id = k.file_id AND s.record_index = k.record_index
CROSS JOIN UNNEST([
  STRUCT(
    'content_hash' AS name, k.content_hash AS stored, s.content_hash AS want,
    CONCAT(' record ', CAST(k.record_index AS STRING)) AS source
  ),
  ('landed_at', CAST(k.landed_at AS STRING), IF(k.landed_at IS NULL, NULL, CAST(l.landed_at AS STRING)), '')
]) AS c
WHERE c.want IS NOT NULL AND c.stored IS DISTINCT FROM c.want;
