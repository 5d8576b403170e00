-- The records of an order as they were read, of files that landed on given days.
-- Grain: one row per record and reading. Of records older than staging keeps there are none.
-- Run by pipelinectl trace; reads only.
-- @param order_id STRING
-- @param file_ids ARRAY<STRING>
-- @param landed_dates ARRAY<DATE>
SELECT s.file_id, s.parse_id, s.record_index, s.content_hash, s.landed_at, ARRAY_TO_STRING(s.warnings, ', ') AS warnings
FROM staging_orders AS s
WHERE s.landed_date IN UNNEST(@landed_dates)
  AND s.file_id IN UNNEST(@file_ids)
  AND s.order_id = @order_id
QUALIFY ROW_NUMBER() OVER (PARTITION BY s.file_id, s.parse_id, s.record_index ORDER BY s.landed_at) = 1
ORDER BY s.landed_at, s.file_id, s.parse_id, s.record_index;
