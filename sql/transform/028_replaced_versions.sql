-- Grain: one row per version of an order that an earlier reading of a file of the batch had loaded
-- and that another version had replaced.
-- Run by the aggregator in its transaction, before those versions are removed.
-- @when orders_again
-- @param replaced_dates ARRAY<DATE>
CREATE TEMP TABLE replaced_versions AS
SELECT h.order_id, h.file_id, h.content_hash, h.is_update, h.valid_from, h.valid_to
FROM order_history AS h
JOIN replaced_files AS r ON r.file_id = h.file_id
WHERE h.order_date IN UNNEST(@replaced_dates) AND h.outcome = 'superseded';
