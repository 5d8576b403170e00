-- Grain: one row per file, or replaced reading of one, whose records are not all accounted for exactly once.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH readings AS (
  SELECT l.landing_name AS name, l.records, l.loaded, l.duplicates, l.rejected, l.held
  FROM file_ledger AS l
  UNION ALL
  SELECT CONCAT(h.landing_name, ', revision ', CAST(h.revision AS STRING)), h.records, h.loaded, h.duplicates, h.rejected, h.held
  FROM file_ledger_history AS h
)

SELECT
  CONCAT(
    r.name, ': ', CAST(r.records AS STRING), ' records, but ', CAST(r.loaded AS STRING), ' loaded + ',
    CAST(r.duplicates AS STRING), ' duplicates + ', CAST(r.rejected AS STRING), ' rejected + ', CAST(r.held AS STRING), ' held'
  ) AS detail
FROM readings AS r
WHERE r.records != r.loaded + r.duplicates + r.rejected + r.held;
