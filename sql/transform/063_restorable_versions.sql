-- Grain: one row per order whose facts went with an earlier reading, and of which another file has
-- a version in the history: the newest of those, which counts unless the batch brings a later one.
-- Run by the aggregator in its transaction, after the earlier readings' versions are removed.
-- @when orders_again
-- @param replaced_dates ARRAY<DATE>
CREATE TEMP TABLE restorable_versions AS
SELECT h.*
FROM order_history AS h
WHERE
  h.order_date IN UNNEST(@replaced_dates)
  AND h.order_id IN (SELECT r.order_id FROM replaced_facts AS r)
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY h.order_id
  ORDER BY h.updated_at DESC, h.valid_to DESC, h.landed_at DESC, h.file_id DESC, h.record_index DESC
) = 1;
