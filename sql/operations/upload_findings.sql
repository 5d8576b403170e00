-- What was found in the given files that kept records or files out, and one of the texts.
-- Grain: one row per file and rule of severity error.
-- Run by pipelinectl upload for files of which not every record was loaded, since before the first of them landed; reads only.
-- @param file_ids ARRAY<STRING>
-- @param since TIMESTAMP
SELECT
  f.file_id,
  f.check_type AS rule,
  SUM(COALESCE(f.occurrences, 1)) AS findings,
  MIN(f.issue_description) AS sample
FROM data_quality_checks AS f
WHERE
  f.check_timestamp >= @since
  AND f.file_id IN UNNEST(@file_ids)
  AND f.severity = 'error'
GROUP BY f.file_id, f.check_type
ORDER BY f.file_id, findings DESC, rule;
