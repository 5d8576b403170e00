-- Grain: one row per orders file whose loaded orders or lines are not those that the facts and the
-- replaced versions in the history hold, or per file that has some but no ledger row.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH sums AS (
  SELECT f.file_id, COUNT(DISTINCT f.record_index) AS orders, COUNT(*) AS line_count, 0 AS ledgers
  FROM fact_orders AS f
  GROUP BY f.file_id
  UNION ALL
  SELECT h.file_id, COUNT(*) AS orders, SUM(h.lines) AS line_count, 0 AS ledgers
  FROM order_history AS h
  WHERE h.outcome = 'superseded'
  GROUP BY h.file_id
  UNION ALL
  SELECT l.file_id, -l.loaded, -l.lines, 1
  FROM file_ledger AS l
  WHERE l.kind = 'orders'
)

SELECT
  CONCAT(
    'file ', s.file_id, ': facts and history minus ledger: ', CAST(SUM(s.orders) AS STRING), ' orders, ',
    CAST(SUM(s.line_count) AS STRING), ' lines; ledger rows: ', CAST(SUM(s.ledgers) AS STRING)
  ) AS detail
FROM sums AS s
GROUP BY s.file_id
HAVING SUM(s.orders) != 0 OR SUM(s.line_count) != 0 OR SUM(s.ledgers) != 1;
