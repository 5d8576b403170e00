-- Grain: one row per order of the batch that the warehouse holds, and per restorable version: the version
-- that counts before the batch does. An order_id has several keys if a lookback has let it in again; the
-- oldest in sight then counts.
-- Run by the aggregator in its transaction.
-- @when versions
-- @param standing_dates ARRAY<DATE>
CREATE TEMP TABLE standing_orders AS
WITH asked AS (
  -- @if orders_again
  SELECT h.order_id FROM restorable_versions AS h
  UNION DISTINCT
  -- @end
  SELECT DISTINCT b.order_id FROM batch_orders AS b
),

known AS (
  SELECT
    k.order_id, k.order_date, k.content_hash, k.updated_at, k.landed_at, k.file_id, k.record_index,
    COALESCE(k.is_update, FALSE) AS is_update, FALSE AS is_restorable, FALSE AS is_stale
  FROM order_keys AS k
  JOIN asked AS a ON a.order_id = k.order_id
  WHERE k.order_date IN UNNEST(@standing_dates)
  -- @if orders_again
  UNION ALL
  SELECT
    h.order_id, h.order_date, h.content_hash, h.updated_at, h.landed_at, h.file_id, h.record_index,
    COALESCE(h.is_update, FALSE) AS is_update, TRUE AS is_restorable, h.outcome = 'stale' AS is_stale
  FROM restorable_versions AS h
  -- @end
)

SELECT k.*
FROM known AS k
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY k.order_id ORDER BY k.is_restorable, k.order_date, k.file_id, k.record_index) = 1;
