-- Grain: one row per check of the ledger, and per kind of file and outcome of its records.
-- Run by the reporter's daily run, in the report's transaction. It reads the ledger.
-- @param day_start TIMESTAMP
-- @param data_through TIMESTAMP
INSERT INTO audit (section_rank, place, section, check_name, table_name, subject, value, unit, expectation, status)
WITH files AS (
  SELECT
    l.*,
    l.loaded_at >= @day_start AS is_of_day
  FROM file_ledger AS l
  WHERE l.loaded_at < @data_through
),

faults AS (
  SELECT
    COUNTIF(f.records != f.loaded + f.duplicates + f.rejected + f.held) AS unbalanced,
    COUNTIF(f.verdict = 'quarantined' AND f.is_of_day) AS quarantined_on_day,
    COUNTIF(f.verdict = 'quarantined') AS quarantined
  FROM files AS f
),

kinds AS (
  SELECT
    f.kind,
    COUNT(*) AS files,
    SUM(f.records) AS records,
    SUM(f.loaded) AS loaded,
    SUM(f.duplicates) AS duplicates,
    SUM(f.rejected) AS rejected,
    SUM(f.held) AS held
  FROM files AS f
  GROUP BY f.kind
)

SELECT
  7, c.place, 'ledger', c.check_name, 'file_ledger', CAST(NULL AS STRING), CAST(c.found AS NUMERIC), 'count', c.expectation,
  CASE WHEN c.expectation IS NULL THEN 'info' WHEN c.found = 0 THEN 'ok' ELSE c.otherwise END
FROM faults AS f
CROSS JOIN UNNEST([
  STRUCT(1 AS place, 'unbalanced_files' AS check_name, f.unbalanced AS found, '0' AS expectation, 'error' AS otherwise),
  (11, 'quarantined_on_day', f.quarantined_on_day, '0', 'warning'),
  (12, 'quarantined_in_total', f.quarantined, NULL, 'info')
]) AS c
UNION ALL
SELECT
  7, c.place, 'ledger', c.check_name, 'file_ledger', k.kind, CAST(c.found AS NUMERIC), 'count', CAST(NULL AS STRING), 'info'
FROM kinds AS k
CROSS JOIN UNNEST([
  STRUCT(21 AS place, 'files' AS check_name, k.files AS found),
  (22, 'records', k.records),
  (23, 'loaded', k.loaded),
  (24, 'duplicates', k.duplicates),
  (25, 'rejected', k.rejected),
  (26, 'held', k.held)
]) AS c;
