-- What became of the files of today, how fresh the facts of the last hour are, and what is wrong.
-- Grain: exactly one row. Percentiles are nearest ranks, over files that were read for the first time.
-- Reads only; run by pipelinectl status.
-- @param today_from TIMESTAMP
-- @param recent_from TIMESTAMP
WITH today AS (
  SELECT
    COUNTIF(verdict = 'loaded') AS loaded_files,
    COUNTIF(verdict = 'quarantined') AS quarantined_files,
    COALESCE(SUM(records), 0) AS records,
    COALESCE(SUM(loaded), 0) AS loaded_records,
    COALESCE(SUM(rejected), 0) AS rejected_records
  FROM file_ledger
  WHERE loaded_at >= @today_from
),

newest AS (
  SELECT MAX(loaded_at) AS newest_load_at
  FROM file_ledger
),

lags AS (
  SELECT
    TIMESTAMP_DIFF(loaded_at, landed_at, MILLISECOND) AS lag_ms,
    ROW_NUMBER() OVER (ORDER BY TIMESTAMP_DIFF(loaded_at, landed_at, MILLISECOND)) AS lag_rank,
    COUNT(*) OVER () AS files
  FROM file_ledger
  WHERE loaded_at >= @recent_from AND revision = 1
),

recent AS (
  SELECT
    COUNT(*) AS recent_files,
    MIN(IF(lag_rank * 100 >= files * 50, lag_ms, NULL)) AS p50_ms,
    MIN(IF(lag_rank * 100 >= files * 99, lag_ms, NULL)) AS p99_ms
  FROM lags
),

recent_records AS (
  SELECT COALESCE(SUM(records), 0) AS records
  FROM file_ledger
  WHERE loaded_at >= @recent_from
),

faults AS (
  SELECT
    COALESCE(SUM(IF(check_timestamp >= @today_from, COALESCE(occurrences, 1), 0)), 0) AS quality_errors,
    COALESCE(SUM(IF(check_timestamp >= @recent_from, COALESCE(occurrences, 1), 0)), 0) AS recent_errors
  FROM data_quality_checks
  WHERE check_timestamp >= LEAST(@today_from, @recent_from) AND severity = 'error' AND resolved_at IS NULL
)

SELECT
  today.loaded_files,
  today.quarantined_files,
  today.records,
  today.loaded_records,
  today.rejected_records,
  newest.newest_load_at,
  recent.recent_files,
  recent.p50_ms,
  recent.p99_ms,
  faults.quality_errors,
  faults.recent_errors,
  recent_records.records AS recent_records
FROM today
CROSS JOIN newest
CROSS JOIN recent
CROSS JOIN recent_records
CROSS JOIN faults;
