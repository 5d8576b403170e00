-- All versions of each order, the one that counts (current) and those in order_history, with the
-- whole order in one form; amounts as exact text. What the facts showed at a moment is
--   WHERE valid_from <= moment AND (valid_to IS NULL OR valid_to > moment)
CREATE VIEW v_order_versions AS
WITH current_orders AS (
  SELECT
    f.order_id,
    f.order_date,
    ANY_VALUE(f.updated_at) AS updated_at,
    ANY_VALUE(f.loaded_at) AS valid_from,
    f.file_id,
    f.record_index,
    COUNT(*) AS lines,
    ANY_VALUE(f.utc_offset_seconds) AS utc_offset_seconds,
    -- @include order_content
  FROM fact_orders AS f
  GROUP BY f.order_id, f.order_date, f.file_id, f.record_index
)

SELECT
  c.order_id, c.order_date, c.updated_at, c.valid_from, CAST(NULL AS TIMESTAMP) AS valid_to,
  'current' AS outcome, TRUE AS is_current, c.file_id, c.record_index, c.lines, c.content,
  c.utc_offset_seconds
FROM current_orders AS c
UNION ALL
SELECT
  h.order_id, h.order_date, h.updated_at, h.valid_from, h.valid_to,
  h.outcome, FALSE AS is_current, h.file_id, h.record_index, h.lines, h.content,
  h.utc_offset_seconds
FROM order_history AS h;
