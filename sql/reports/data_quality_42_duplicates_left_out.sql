-- Grain: one row per kind of file and span: records that were left out because they repeat others.
-- Run by the reporter's daily run, in the report's transaction. It reads the ledger.
-- @param day_start TIMESTAMP
-- @param data_through TIMESTAMP
INSERT INTO audit (section_rank, place, section, check_name, table_name, subject, value, unit, expectation, status)
WITH sums AS (
  SELECT
    l.kind,
    SUM(IF(l.loaded_at >= @day_start, l.duplicates, 0)) AS on_day,
    SUM(l.duplicates) AS in_total
  FROM file_ledger AS l
  WHERE l.loaded_at < @data_through
  GROUP BY l.kind
)

SELECT
  3, c.place, 'duplicates', c.check_name, 'file_ledger', s.kind, CAST(c.duplicates AS NUMERIC), 'count', CAST(NULL AS STRING), 'info'
FROM sums AS s
CROSS JOIN UNNEST([
  STRUCT(21 AS place, 'left_out_on_day' AS check_name, s.on_day AS duplicates),
  (22, 'left_out_in_total', s.in_total)
]) AS c;
