-- Grain: one row per file and rule: its findings, how many of them are of missing references that no catalog
-- has named yet, how many rows they stand in, and how many ids those have.
-- Run by bench, drill and tests, to compare with the model; reads the whole table.
SELECT
  q.file_id,
  q.check_type,
  SUM(COALESCE(q.occurrences, 1)) AS findings,
  SUM(IF(q.resolved_at IS NULL AND q.check_type IN ('missing_product', 'missing_customer'), COALESCE(q.occurrences, 1), 0)) AS unresolved,
  COUNT(*) AS stored,
  COUNT(DISTINCT q.check_id) AS ids
FROM data_quality_checks AS q
GROUP BY q.file_id, q.check_type;
