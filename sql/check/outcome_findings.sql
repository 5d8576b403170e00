-- Grain: one row per severity and rule: its findings.
-- Run by pipelinectl bench and drill; reads the whole table.
SELECT q.severity, q.check_type AS rule, SUM(COALESCE(q.occurrences, 1)) AS n
FROM data_quality_checks AS q
GROUP BY q.severity, q.check_type
ORDER BY q.severity, q.check_type;
