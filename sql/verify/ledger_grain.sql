-- Grain: one row per file that stands in the ledger more than once.
-- Run by whoever verifies the warehouse; it reads the whole table and changes nothing.
SELECT
  CONCAT('file ', l.file_id, ' stands ', CAST(COUNT(*) AS STRING), ' times') AS detail
FROM file_ledger AS l
GROUP BY l.file_id
HAVING COUNT(*) > 1;
