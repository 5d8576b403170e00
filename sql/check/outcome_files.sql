-- Grain: one row per kind, verdict and reason: files, and what became of their records.
-- Run by pipelinectl bench and drill; reads the whole table.
SELECT
  l.kind,
  l.verdict,
  COALESCE(l.reason, '') AS reason,
  COUNT(*) AS files,
  SUM(l.records) AS records,
  SUM(l.loaded) AS loaded,
  SUM(l.duplicates) AS duplicates,
  SUM(l.rejected) AS rejected,
  SUM(l.held) AS held
FROM file_ledger AS l
GROUP BY l.kind, l.verdict, l.reason
ORDER BY l.verdict, l.kind DESC, reason;
