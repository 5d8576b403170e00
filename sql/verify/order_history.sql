-- Grain: one row per version in the history that contradicts itself: kept twice, of an order that the
-- facts do not hold, with an interval that its outcome does not allow, or with columns that its content
-- does not bear out.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH versions AS (
  SELECT
    h.order_id,
    h.file_id,
    h.record_index,
    COUNT(*) OVER (PARTITION BY h.file_id, h.record_index) AS copies,
    h.outcome NOT IN ('superseded', 'stale') OR h.valid_to < h.valid_from AS is_impossible,
    JSON_VALUE(h.content, '$.order_id') IS DISTINCT FROM h.order_id
    OR JSON_VALUE(h.content, '$.updated_at') IS DISTINCT FROM FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', h.updated_at)
    OR DATE(TIMESTAMP_ADD(CAST(JSON_VALUE(h.content, '$.order_timestamp') AS TIMESTAMP), INTERVAL COALESCE(h.utc_offset_seconds, 0) SECOND))
    IS DISTINCT FROM h.order_date
    OR COALESCE(ARRAY_LENGTH(JSON_QUERY_ARRAY(h.content, '$.items')), 0) != h.lines AS is_contradicted,
    h.landed_at != l.landed_at AS is_of_another_landing
  FROM order_history AS h
  LEFT JOIN file_ledger AS l ON l.file_id = h.file_id
),

owners AS (
  SELECT DISTINCT k.order_id
  FROM order_keys AS k
),

checked AS (
  SELECT
    v.order_id,
    v.file_id,
    v.record_index,
    CASE
      WHEN v.copies > 1 THEN 'is kept more than once'
      WHEN o.order_id IS NULL THEN 'has no version in the facts'
      WHEN v.is_impossible THEN 'has an outcome or an interval that cannot be'
      WHEN v.is_contradicted THEN 'has columns that differ from its content'
      WHEN v.is_of_another_landing THEN 'has a landed_at that is not that of its file'
    END AS fault
  FROM versions AS v
  LEFT JOIN owners AS o ON o.order_id = v.order_id
)

SELECT
  CONCAT('order ', c.order_id, ', version of record ', CAST(c.record_index AS STRING), ' of file ', c.file_id, ': ', c.fault) AS detail
FROM checked AS c
WHERE c.fault IS NOT NULL;
