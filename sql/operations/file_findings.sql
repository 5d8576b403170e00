-- What was found in a file, the rules by severity and number, and how many of each are open.
-- Grain: one row per rule. The sample is one of its findings.
-- Run by pipelinectl files show; reads only.
-- @param file_id STRING
SELECT
  f.severity,
  f.check_type AS rule,
  SUM(COALESCE(f.occurrences, 1)) AS findings,
  SUM(IF(f.resolved_at IS NULL, COALESCE(f.occurrences, 1), 0)) AS open_findings,
  MIN(f.issue_description) AS sample
FROM data_quality_checks AS f
WHERE f.file_id = @file_id
GROUP BY f.severity, f.check_type
ORDER BY CASE f.severity WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END, findings DESC, rule;
