-- Grain: one row per file whose verdict, reason and counts contradict each other: a quarantined
-- file needs a reason and loads nothing, a loaded one has no reason and holds nothing back.
-- Run by whoever verifies the warehouse; it reads the whole table and changes nothing.
SELECT
  CONCAT(l.landing_name, ': ', l.verdict, ', reason ', COALESCE(l.reason, 'none')) AS detail
FROM file_ledger AS l
WHERE
  l.verdict NOT IN ('loaded', 'quarantined')
  OR (l.verdict = 'quarantined' AND (l.reason IS NULL OR l.loaded + l.lines + l.duplicates > 0))
  OR (l.verdict = 'loaded' AND (l.reason IS NOT NULL OR l.held > 0));
