-- Grain: one row per order and product or customer that no catalog had named when the order was loaded, without
-- a finding that says so. Orders that were restored were looked at when they first came.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH known AS (
  SELECT s.what, s.id, MIN(s.known_from) AS known_from
  FROM (
    SELECT 'product' AS what, p.product_id AS id, p.updated_at AS known_from FROM dim_products AS p
    UNION ALL
    SELECT 'product', h.product_id, h.valid_from FROM dim_products_history AS h
    UNION ALL
    SELECT 'customer', c.customer_id, c.updated_at FROM dim_customers AS c
    UNION ALL
    SELECT 'customer', h.customer_id, h.valid_from FROM dim_customers_history AS h
  ) AS s
  GROUP BY s.what, s.id
),

named AS (
  SELECT DISTINCT 'product' AS what, f.product_id AS id, f.file_id, f.record_index, f.order_id, f.loaded_at
  FROM fact_orders AS f
  WHERE f.product_id IS NOT NULL
  UNION ALL
  SELECT DISTINCT 'customer', f.customer_id, f.file_id, f.record_index, f.order_id, f.loaded_at
  FROM fact_orders AS f
  WHERE f.customer_id IS NOT NULL
),

missing AS (
  SELECT n.what, n.id, n.order_id, n.record_index, l.file_id, l.landing_name, l.parse_id
  FROM named AS n
  JOIN file_ledger AS l ON l.file_id = n.file_id AND l.loaded_at = n.loaded_at
  LEFT JOIN known AS k ON k.what = n.what AND k.id = n.id
  WHERE k.id IS NULL OR k.known_from > n.loaded_at
),

-- Findings beyond the first of a file and rule are one row, which names up to 100,000 ids.
gathered AS (
  SELECT q.file_id, q.check_type
  FROM data_quality_checks AS q
  WHERE q.occurrences IS NOT NULL AND q.check_type IN ('missing_product', 'missing_customer')
  GROUP BY q.file_id, q.check_type
)

SELECT
  CONCAT('order ', m.order_id, ': no finding says that ', m.what, ' ', m.id, ' was unknown, in record ', CAST(m.record_index AS STRING), ' of ', m.landing_name) AS detail
FROM missing AS m
LEFT JOIN data_quality_checks AS q
  ON q.check_id = TO_HEX(MD5(CONCAT(m.parse_id, '/', CAST(m.record_index AS STRING), '/missing_', m.what, '/', m.id)))
LEFT JOIN gathered AS g ON g.file_id = m.file_id AND g.check_type = CONCAT('missing_', m.what)
WHERE q.check_id IS NULL AND g.file_id IS NULL;
