-- How long files waited in each stage: those whose ledger row was written in the period.
-- Grain: one row per stage, in the order of the flow; "whole" is from landing to
-- facts. Percentiles are nearest ranks. A file whose time is not known is left out.
-- Reads only; run by the reporter.
-- @param from_time TIMESTAMP
-- @param to_time TIMESTAMP
WITH files AS (
  SELECT landed_at, claimed_at, parsed_at, loaded_at
  FROM file_ledger
  WHERE loaded_at >= @from_time
    AND loaded_at < @to_time
),
lags AS (
  SELECT 1 AS place, 'claim' AS stage, TIMESTAMP_DIFF(claimed_at, landed_at, MILLISECOND) AS lag_ms FROM files
  UNION ALL
  SELECT 2 AS place, 'parse' AS stage, TIMESTAMP_DIFF(parsed_at, claimed_at, MILLISECOND) AS lag_ms FROM files
  UNION ALL
  SELECT 3 AS place, 'load' AS stage, TIMESTAMP_DIFF(loaded_at, parsed_at, MILLISECOND) AS lag_ms FROM files
  UNION ALL
  SELECT 4 AS place, 'whole' AS stage, TIMESTAMP_DIFF(loaded_at, landed_at, MILLISECOND) AS lag_ms FROM files
),
ranked AS (
  SELECT
    place,
    stage,
    lag_ms,
    ROW_NUMBER() OVER (PARTITION BY stage ORDER BY lag_ms) AS lag_rank,
    COUNT(*) OVER (PARTITION BY stage) AS files
  FROM lags
  WHERE lag_ms IS NOT NULL
)
SELECT
  stage,
  COUNT(*) AS files,
  MIN(IF(lag_rank * 100 >= files * 50, lag_ms, NULL)) AS p50_ms,
  MIN(IF(lag_rank * 100 >= files * 99, lag_ms, NULL)) AS p99_ms,
  MAX(lag_ms) AS max_ms
FROM ranked
GROUP BY place, stage
ORDER BY place;
