-- Grain: one row per reading: how many of its records are in the warehouse, each counted once, and how
-- many of those in staging.
-- Run by the aggregator while files wait; one query serves all of them, because each is billed.
-- @param file_ids ARRAY<STRING>
-- @param parse_ids ARRAY<STRING>
-- @param landed_dates ARRAY<DATE>
-- @param dead_letter_dates ARRAY<DATE>
WITH present AS (
  SELECT o.parse_id, o.record_index, TRUE AS is_staged
  FROM staging_orders AS o
  WHERE o.landed_date IN UNNEST(@landed_dates) AND o.file_id IN UNNEST(@file_ids) AND o.parse_id IN UNNEST(@parse_ids)
  UNION ALL
  SELECT p.parse_id, p.record_index, TRUE AS is_staged
  FROM staging_products AS p
  WHERE p.landed_date IN UNNEST(@landed_dates) AND p.file_id IN UNNEST(@file_ids) AND p.parse_id IN UNNEST(@parse_ids)
  UNION ALL
  SELECT c.parse_id, c.record_index, TRUE AS is_staged
  FROM staging_customers AS c
  WHERE c.landed_date IN UNNEST(@landed_dates) AND c.file_id IN UNNEST(@file_ids) AND c.parse_id IN UNNEST(@parse_ids)
  UNION ALL
  SELECT r.parse_id, r.record_index, FALSE AS is_staged
  FROM rejected_records AS r
  WHERE r.landed_date IN UNNEST(@landed_dates) AND r.file_id IN UNNEST(@file_ids) AND r.parse_id IN UNNEST(@parse_ids)
  UNION ALL
  SELECT d.parse_id, d.record_index, FALSE AS is_staged
  FROM dead_letters AS d
  WHERE
    d.dead_lettered_date IN UNNEST(@dead_letter_dates)
    AND d.parse_id IN UNNEST(@parse_ids)
    AND d.record_index IS NOT NULL
)

SELECT
  p.parse_id,
  COUNT(DISTINCT p.record_index) AS records,
  COUNT(DISTINCT IF(p.is_staged, p.record_index, NULL)) AS staged
FROM present AS p
GROUP BY p.parse_id;
