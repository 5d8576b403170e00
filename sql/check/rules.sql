-- Grain: one row per rule that stands anywhere in the warehouse and severity of its findings; NULL where
-- only the rule stands.
-- Run by pipelinectl verify; reads whole tables.
SELECT DISTINCT q.check_type AS rule, q.severity
FROM data_quality_checks AS q
UNION DISTINCT
SELECT r.rule, CAST(NULL AS STRING)
FROM rejected_records AS r
UNION DISTINCT
SELECT l.reason, CAST(NULL AS STRING)
FROM file_ledger AS l
WHERE l.reason IS NOT NULL;
