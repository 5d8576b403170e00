-- Grain: one row per fence that is not the one of all transactions, or lower than one that has run.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH fences AS (
  SELECT COUNT(*) AS rows_in_all, MIN(f.id) AS id, MAX(f.epoch) AS epoch
  FROM pipeline_fence AS f
),

newest AS (
  SELECT MAX(l.transaction_number) AS transaction_number
  FROM file_ledger AS l
)

SELECT
  CONCAT(
    'pipeline_fence has ', CAST(f.rows_in_all AS STRING), ' rows and the epoch ', COALESCE(CAST(f.epoch AS STRING), 'NULL'),
    '; the last transaction is ', COALESCE(CAST(n.transaction_number AS STRING), 'none')
  ) AS detail
FROM fences AS f
CROSS JOIN newest AS n
WHERE f.rows_in_all != 1 OR f.id != 1 OR f.epoch < n.transaction_number;
