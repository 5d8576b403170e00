-- Grain: one row per file whose rejected records by rule do not add up to its rejected records.
-- Run by whoever verifies the warehouse; it reads the whole table and changes nothing.
WITH sums AS (
  SELECT l.file_id, SUM(r.records) AS records
  FROM file_ledger AS l, UNNEST(l.rejected_by_rule) AS r
  GROUP BY l.file_id
)

SELECT
  CONCAT(l.landing_name, ': ', CAST(l.rejected AS STRING), ' rejected, ', CAST(COALESCE(s.records, 0) AS STRING), ' by rule') AS detail
FROM file_ledger AS l
LEFT JOIN sums AS s ON s.file_id = l.file_id
WHERE l.rejected != COALESCE(s.records, 0);
