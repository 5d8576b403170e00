-- What passed each stage over time, oldest first: the files of the ledger, by the
-- time at which each stage was done with them.
-- Grain: one row per step (of so many seconds) and stage with files.
-- Reads only; run by the reporter.
-- @param from_time TIMESTAMP
-- @param to_time TIMESTAMP
-- @param step_from TIMESTAMP
-- @param step_seconds INT64
WITH passed AS (
  SELECT 'landed' AS stage, landed_at AS passed_at, records, bytes, lines FROM file_ledger
  UNION ALL
  SELECT 'claimed' AS stage, claimed_at AS passed_at, records, bytes, lines FROM file_ledger
  UNION ALL
  SELECT 'parsed' AS stage, parsed_at AS passed_at, records, bytes, lines FROM file_ledger
  UNION ALL
  SELECT 'loaded' AS stage, loaded_at AS passed_at, records, bytes, lines FROM file_ledger
)
SELECT
  TIMESTAMP_ADD(@step_from, INTERVAL (DIV(TIMESTAMP_DIFF(passed_at, @step_from, SECOND), @step_seconds) * @step_seconds) SECOND) AS step,
  stage,
  COUNT(*) AS files,
  SUM(records) AS records,
  SUM(bytes) AS bytes,
  SUM(lines) AS lines
FROM passed
WHERE passed_at >= @from_time
  AND passed_at < @to_time
GROUP BY step, stage
ORDER BY step, stage;
