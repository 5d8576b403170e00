-- Grain: one row per line of an order that stands in fact_orders more than once.
-- Run by whoever verifies the warehouse; it reads the whole table and changes nothing.
SELECT
  CONCAT('order ', f.order_id, ' line ', CAST(f.line_number AS STRING), ' stands ', CAST(COUNT(*) AS STRING), ' times') AS detail
FROM fact_orders AS f
GROUP BY f.order_id, f.line_number
HAVING COUNT(*) > 1;
