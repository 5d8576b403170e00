-- Grain: one row per replaced revision that the ledger has no higher revision of, or that stands
-- more than once.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
SELECT
  CONCAT('file ', h.file_id, ' revision ', CAST(h.revision AS STRING), ': ', CAST(COUNT(*) AS STRING), ' rows in the history') AS detail
FROM file_ledger_history AS h
LEFT JOIN file_ledger AS l ON l.file_id = h.file_id AND l.revision > h.revision
GROUP BY h.file_id, h.revision
HAVING COUNT(*) > 1 OR COUNT(l.file_id) = 0;
