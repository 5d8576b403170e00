-- Grain: one row per order that stands in order_keys and fact_orders differently.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH owners AS (
  SELECT k.order_id, k.order_date, k.file_id, k.record_index, 1 AS weight
  FROM order_keys AS k
  UNION ALL
  SELECT f.order_id, f.order_date, f.file_id, f.record_index, -1 AS weight
  FROM fact_orders AS f
  WHERE f.line_number = 1
)

SELECT CONCAT('order ', o.order_id, ': keys minus facts: ', CAST(SUM(o.weight) AS STRING)) AS detail
FROM owners AS o
GROUP BY o.order_id, o.order_date, o.file_id, o.record_index
HAVING SUM(o.weight) != 0;
