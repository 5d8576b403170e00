-- Grain: one row per order line whose product_name or category is not what dim_products showed of its product
-- when the order was loaded; of an order that came before the product, it is one that was shown since.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH shown AS (
  SELECT h.product_id, h.product_name, h.category, h.valid_from, h.valid_to
  FROM dim_products_history AS h
  UNION ALL
  SELECT d.product_id, d.product_name, d.category, d.updated_at, CAST(NULL AS TIMESTAMP)
  FROM dim_products AS d
),

sold AS (
  SELECT f.product_id, f.product_name, f.category, f.loaded_at, MIN(f.order_id) AS order_id, COUNT(*) AS order_lines
  FROM fact_orders AS f
  WHERE f.product_id IS NOT NULL
  GROUP BY f.product_id, f.product_name, f.category, f.loaded_at
),

judged AS (
  SELECT
    o.product_id,
    o.product_name,
    o.category,
    o.loaded_at,
    o.order_id,
    o.order_lines,
    MIN(s.valid_from) AS known_from,
    LOGICAL_OR(
      s.product_name = o.product_name AND COALESCE(s.category, 'none') = o.category
      AND (s.valid_to IS NULL OR s.valid_to > o.loaded_at) AND s.valid_from <= o.loaded_at
    ) AS is_of_its_time,
    LOGICAL_OR(s.product_name = o.product_name AND COALESCE(s.category, 'none') = o.category) AS was_shown,
    MAX(IF(
      s.valid_from <= o.loaded_at AND (s.valid_to IS NULL OR s.valid_to > o.loaded_at),
      CONCAT(s.product_name, ' in ', COALESCE(s.category, 'none')),
      NULL
    )) AS shown_then,
    MAX(IF(s.valid_to IS NULL, CONCAT(s.product_name, ' in ', COALESCE(s.category, 'none')), NULL)) AS shown_now
  FROM sold AS o
  LEFT JOIN shown AS s ON s.product_id = o.product_id
  GROUP BY o.product_id, o.product_name, o.category, o.loaded_at, o.order_id, o.order_lines
)

SELECT
  CONCAT(
    'order ', j.order_id, IF(j.order_lines = 1, '', CONCAT(' and ', CAST(j.order_lines - 1 AS STRING), ' more lines')),
    ': product_name and category are ', COALESCE(j.product_name, 'NULL'), ' in ', j.category, ', product ', j.product_id, ' is ',
    COALESCE(j.shown_then, j.shown_now, 'unknown'), ' in dim_products'
  ) AS detail
FROM judged AS j
WHERE NOT COALESCE(
  CASE
    WHEN j.known_from IS NULL THEN j.product_name IS NULL AND j.category = 'unknown'
    WHEN j.known_from <= j.loaded_at THEN j.is_of_its_time
    ELSE j.was_shown
  END,
  FALSE
);
