-- Grain: one row per loaded file that landed on a day, in the order of landing.
-- Run by pipelinectl reprocess; reads only.
-- @param landed_date DATE
SELECT
  l.file_id, l.landing_name, l.verdict, COALESCE(l.reason, '') AS reason, COALESCE(l.overrides, '') AS overrides,
  l.revision, l.landed_at
FROM file_ledger AS l
WHERE l.verdict = 'loaded' AND DATE(l.landed_at) = @landed_date
ORDER BY l.landed_at, l.file_id;
