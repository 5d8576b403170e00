-- What became of the records of a period's files, and what stands in the warehouse.
-- Grain: exactly one row.
-- Reads only; run by the reporter.
-- @param from_time TIMESTAMP
-- @param to_time TIMESTAMP
WITH ledger AS (
  SELECT
    COUNT(*) AS files,
    COUNTIF(verdict = 'quarantined') AS quarantined_files,
    COALESCE(SUM(records), 0) AS records,
    COALESCE(SUM(loaded), 0) AS loaded,
    COALESCE(SUM(lines), 0) AS lines,
    COALESCE(SUM(duplicates), 0) AS duplicates,
    COALESCE(SUM(rejected), 0) AS rejected,
    COALESCE(SUM(held), 0) AS held,
    COALESCE(SUM(bytes), 0) AS bytes
  FROM file_ledger
  WHERE loaded_at >= @from_time
    AND loaded_at < @to_time
),
waiting AS (
  SELECT COUNT(*) AS open_references
  FROM unresolved_refs
)
SELECT
  ledger.files,
  ledger.quarantined_files,
  ledger.records,
  ledger.loaded,
  ledger.lines,
  ledger.duplicates,
  ledger.rejected,
  ledger.held,
  ledger.bytes,
  waiting.open_references
FROM ledger
CROSS JOIN waiting;
