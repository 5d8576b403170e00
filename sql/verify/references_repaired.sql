-- Grain: one row per product or customer and day that facts wait for without its being noted in
-- unresolved_refs, so that no catalog would repair them.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH waiting AS (
  SELECT 'product' AS ref_kind, f.product_id AS ref_id, f.order_date, MIN(f.order_id) AS order_id
  FROM fact_orders AS f
  WHERE f.product_id IS NOT NULL AND f.product_name IS NULL
  GROUP BY f.product_id, f.order_date
  UNION ALL
  SELECT 'customer', f.customer_id, f.order_date, MIN(f.order_id)
  FROM fact_orders AS f
  WHERE f.customer_id IS NOT NULL AND f.customer_tier = 'unknown'
  GROUP BY f.customer_id, f.order_date
),

known AS (
  SELECT 'product' AS ref_kind, p.product_id AS ref_id FROM dim_products AS p
  UNION ALL
  SELECT 'customer', c.customer_id FROM dim_customers AS c
)

SELECT CONCAT('order ', w.order_id, ': ', w.ref_kind, ' ', w.ref_id, ' of ', CAST(w.order_date AS STRING), ' is not waited for') AS detail
FROM waiting AS w
LEFT JOIN known AS k ON k.ref_kind = w.ref_kind AND k.ref_id = w.ref_id
LEFT JOIN unresolved_refs AS u ON u.ref_kind = w.ref_kind AND u.ref_id = w.ref_id AND u.order_date = w.order_date
WHERE k.ref_id IS NULL AND u.ref_id IS NULL;
