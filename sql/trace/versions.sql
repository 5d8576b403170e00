-- Every version of an order: the one that counts, and those that another has replaced or that came too late.
-- Grain: one row per version, the oldest first.
-- Run by pipelinectl trace; reads only.
-- @param order_id STRING
WITH versions AS (
  -- @include order_versions
)

SELECT v.outcome, v.order_date, v.content_hash, v.updated_at, v.valid_from, v.valid_to, v.file_id, v.record_index, v.is_update
FROM versions AS v
ORDER BY v.outcome = 'current', v.valid_from, v.outcome, v.file_id, v.record_index;
