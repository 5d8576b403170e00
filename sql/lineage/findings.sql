-- What the checks of quality found in some files, for the lineage of their loads.
-- Grain: one row per file and rule.
-- Reads only; run by the reporter, if it sends lineage.
-- @param file_ids ARRAY<STRING>
-- @param found_from TIMESTAMP
SELECT
  f.file_id,
  f.check_type AS rule,
  f.severity,
  SUM(COALESCE(f.occurrences, 1)) AS findings
FROM data_quality_checks AS f
WHERE f.check_timestamp >= @found_from AND f.file_id IN UNNEST(@file_ids)
GROUP BY f.file_id, f.check_type, f.severity
ORDER BY f.file_id, f.severity, rule;
