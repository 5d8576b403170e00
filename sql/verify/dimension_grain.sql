-- Grain: one row per product or customer that stands in its dimension more than once.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH ids AS (
  SELECT CONCAT('product ', p.product_id) AS id FROM dim_products AS p
  UNION ALL
  SELECT CONCAT('customer ', c.customer_id) AS id FROM dim_customers AS c
)

SELECT CONCAT(i.id, ' stands ', CAST(COUNT(*) AS STRING), ' times') AS detail
FROM ids AS i
GROUP BY i.id
HAVING COUNT(*) > 1;
