-- Grain: one row per order line that waits for a product which the dimension holds, or that
-- waits without being noted in unresolved_refs, so that no catalog would repair it.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH waiting AS (
  SELECT f.order_id, 'product' AS ref_kind, f.product_id AS ref_id, f.order_date
  FROM fact_orders AS f
  WHERE f.product_name IS NULL
),

checked AS (
  SELECT w.order_id, w.ref_id, p.product_id IS NOT NULL AS known, u.ref_id IS NOT NULL AS noted
  FROM waiting AS w
  LEFT JOIN dim_products AS p ON p.product_id = w.ref_id
  LEFT JOIN unresolved_refs AS u ON u.ref_kind = w.ref_kind AND u.ref_id = w.ref_id AND u.order_date = w.order_date
)

SELECT CONCAT('order ', c.order_id, ': product ', c.ref_id, IF(c.known, ' is known', ' is not waited for')) AS detail
FROM checked AS c
WHERE c.known OR NOT c.noted;
