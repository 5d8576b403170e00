-- Grain: one row per order whose version in the facts a record of the batch replaces: that version.
-- Run by the aggregator in its transaction.
-- @when replacing
-- @param now TIMESTAMP
INSERT INTO order_history (
  order_id, order_date, content_hash, updated_at, valid_from, valid_to, outcome, is_update,
  file_id, record_index, lines, landed_at, utc_offset_seconds, content
)
SELECT
  f.order_id,
  ANY_VALUE(f.order_date),
  ANY_VALUE(s.content_hash),
  ANY_VALUE(s.updated_at),
  ANY_VALUE(f.loaded_at),
  @now,
  'superseded',
  ANY_VALUE(s.is_update),
  s.file_id,
  s.record_index,
  COUNT(*),
  ANY_VALUE(s.landed_at),
  ANY_VALUE(f.utc_offset_seconds),
  -- @include order_content
FROM superseded_orders AS s
JOIN replaced_facts AS f ON f.order_id = s.order_id AND f.file_id = s.file_id
GROUP BY f.order_id, s.file_id, s.record_index;
