-- Closes the findings of missing products and customers that catalogs have named.
-- Run by the aggregator in its transaction; a closed finding is not touched again.
-- @when open_findings
-- @param now TIMESTAMP
-- @param open_dates ARRAY<DATE>
UPDATE data_quality_checks AS q
SET resolved_at = @now
WHERE
  DATE(q.check_timestamp) IN UNNEST(@open_dates)
  AND q.check_id IN (SELECT r.check_id FROM resolved_findings AS r);
