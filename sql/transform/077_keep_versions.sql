-- Grain: one row per version in the batch that does not count: a later one of the batch has replaced
-- it (superseded), or a later one was known before (stale).
-- Run by the aggregator in its transaction.
-- @when versions
-- @param now TIMESTAMP
INSERT INTO order_history (
  order_id, order_date, content_hash, updated_at, valid_from, valid_to, outcome, is_update,
  file_id, record_index, lines, landed_at, content, utc_offset_seconds
)
SELECT
  c.order_id,
  c.order_date,
  c.content_hash,
  c.updated_at,
  COALESCE(c.valid_from, @now),
  COALESCE(c.valid_to, @now),
  IF(c.outcome = 'loaded', 'superseded', 'stale'),
  c.is_update,
  c.file_id,
  c.record_index,
  c.lines,
  c.landed_at,
  TO_JSON(STRUCT(
    -- @include staged_order
  )),
  o.utc_offset_seconds
FROM order_claims AS c
JOIN batch_orders AS o ON o.parse_id = c.parse_id AND o.record_index = c.record_index
WHERE c.verdict = 'loaded' AND (c.outcome = 'stale' OR c.outcome = 'loaded' AND NOT c.is_current);
