-- Grain: one row per order record of the batch's loaded files, with what becomes of it:
-- loaded (it owns its order_id), replay (same content came before) or conflict (other content did).
-- For batches in which no record can replace another: 069_version_claims has the others.
-- A file that is quarantined for its duplicates is here too, so that they are named; such a file
-- is alone in its transaction, and what it would have loaded is held.
-- The first by landing, file and position wins; what is in order_keys came before all of the batch.
-- An order_id has several keys if a lookback has let it in again; the oldest in sight then counts.
-- Run by the aggregator in its transaction.
-- @when orders
-- @unless versions
-- @param standing_dates ARRAY<DATE>
CREATE TEMP TABLE order_claims AS
WITH ranked AS (
  SELECT
    b.file_id,
    b.parse_id,
    b.record_index,
    b.order_id,
    b.order_date,
    b.content_hash,
    b.updated_at,
    b.landed_at,
    ARRAY_LENGTH(b.items) AS lines,
    b.verdict,
    ROW_NUMBER() OVER turn AS turn_number,
    FIRST_VALUE(b.content_hash) OVER turn AS first_hash,
    FIRST_VALUE(b.file_id) OVER turn AS first_file_id,
    FIRST_VALUE(b.record_index) OVER turn AS first_record_index
  FROM batch_orders AS b
  JOIN batch_files AS f ON f.parse_id = b.parse_id
  WHERE b.verdict = 'loaded' OR f.reason IN ('duplicate_orders', 'contradicting_records')
  WINDOW turn AS (PARTITION BY b.order_id ORDER BY b.landed_at, b.file_id, b.record_index)
)

SELECT
  r.file_id,
  r.parse_id,
  r.record_index,
  r.order_id,
  r.order_date,
  r.content_hash,
  r.updated_at,
  r.landed_at,
  r.lines,
  r.verdict,
  CASE
    WHEN k.order_id IS NULL AND r.turn_number = 1 THEN IF(r.verdict = 'loaded', 'loaded', 'held')
    WHEN r.content_hash = COALESCE(k.content_hash, r.first_hash) THEN 'replay'
    ELSE 'conflict'
  END AS outcome,
  COALESCE(k.file_id, r.first_file_id) AS owner_file_id,
  COALESCE(k.record_index, r.first_record_index) AS owner_record_index,
  k.order_id IS NULL AND r.turn_number = 1 AND r.verdict = 'loaded' AS is_current,
  FALSE AS is_update,
  FALSE AS is_blind,
  CAST(NULL AS TIMESTAMP) AS valid_from,
  CAST(NULL AS TIMESTAMP) AS valid_to
FROM ranked AS r
LEFT JOIN order_keys AS k ON k.order_id = r.order_id AND k.order_date IN UNNEST(@standing_dates)
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY r.parse_id, r.record_index ORDER BY k.order_date, k.file_id) = 1;
