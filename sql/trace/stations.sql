-- Every version of an order with where it came from: its file, when that landed, was claimed, parsed and loaded, its row in
-- staging and the transaction.
-- Grain: one row per version, the oldest first. Of a file that is no longer in the ledger, and of a record older than staging keeps, the columns are NULL.
-- Run by the reporter; reads only.
-- @param order_id STRING
-- @param first_landed DATE
-- @param last_landed DATE
WITH versions AS (
  -- @include order_versions
),

staged AS (
  SELECT DISTINCT s.file_id, s.parse_id, s.record_index
  FROM staging_orders AS s
  WHERE s.landed_date BETWEEN @first_landed AND @last_landed AND s.order_id = @order_id
)

SELECT
  v.outcome, v.order_date, v.content_hash, v.updated_at, v.valid_from, v.valid_to, v.is_update, v.file_id, v.record_index,
  l.landing_name, l.verdict, l.revision, l.landed_at, l.claimed_at, l.parsed_at, l.loaded_at, l.transaction_number,
  s.parse_id AS staged_parse_id
FROM versions AS v
LEFT JOIN file_ledger AS l
  ON l.file_id = v.file_id
LEFT JOIN staged AS s
  ON s.file_id = v.file_id AND s.parse_id = l.parse_id AND s.record_index = v.record_index
ORDER BY v.outcome = 'current', v.valid_from, v.outcome, v.file_id, v.record_index;
