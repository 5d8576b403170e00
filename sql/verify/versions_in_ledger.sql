-- Grain: one row per orders file whose ledger counts more or fewer updates of orders than the versions
-- that count and those in the history say they were.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH sums AS (
  SELECT l.file_id, COALESCE(l.updated, 0) AS updated
  FROM file_ledger AS l
  WHERE l.kind = 'orders'
  UNION ALL
  SELECT h.file_id, -COUNTIF(h.is_update AND h.outcome = 'superseded') AS updated
  FROM order_history AS h
  GROUP BY h.file_id
  UNION ALL
  SELECT k.file_id, -COUNTIF(k.is_update) AS updated
  FROM order_keys AS k
  GROUP BY k.file_id
)

SELECT CONCAT('file ', s.file_id, ': updated orders: ledger minus keys and history: ', CAST(SUM(s.updated) AS STRING)) AS detail
FROM sums AS s
GROUP BY s.file_id
HAVING SUM(s.updated) != 0;
