-- How soon files were claimed that landed since a moment: a notification takes seconds, a sweep minutes.
-- Grain: one row. Reads only; run by pipelinectl doctor.
-- @param from_time TIMESTAMP
SELECT
  COUNT(*) AS files,
  MIN(TIMESTAMP_DIFF(claimed_at, landed_at, MILLISECOND)) AS soonest_ms
FROM file_ledger
WHERE landed_at >= @from_time
  AND revision = 1
  AND claimed_at IS NOT NULL;
