-- Removes what was found in earlier readings; the new readings' findings take their place.
-- Run by the aggregator in its transaction; without an earlier reading it reads no partition.
-- @when again
-- @param finding_dates ARRAY<DATE>
DELETE FROM data_quality_checks AS q
WHERE
  DATE(q.check_timestamp) IN UNNEST(@finding_dates)
  AND q.file_id IN (SELECT r.file_id FROM replaced_files AS r);
