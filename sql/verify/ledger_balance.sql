-- Grain: one row per file whose records are not all accounted for exactly once.
-- Run by whoever verifies the warehouse; it reads the whole table and changes nothing.
SELECT
  CONCAT(
    l.landing_name, ': ', CAST(l.records AS STRING), ' records, but ', CAST(l.loaded AS STRING), ' loaded + ',
    CAST(l.duplicates AS STRING), ' duplicates + ', CAST(l.rejected AS STRING), ' rejected + ', CAST(l.held AS STRING), ' held'
  ) AS detail
FROM file_ledger AS l
WHERE l.records != l.loaded + l.duplicates + l.rejected + l.held;
