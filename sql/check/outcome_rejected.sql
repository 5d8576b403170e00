-- Grain: one row per rule that refused records.
-- Run by pipelinectl bench and drill; reads the whole table.
SELECT 'error' AS severity, r.rule, COUNT(*) AS n
FROM v_rejected_records AS r
GROUP BY r.rule
ORDER BY r.rule;
