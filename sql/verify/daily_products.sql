-- Grain: one row per day, product and payment status, and column whose stored value in agg_daily_products is not that of a
-- recomputation from fact_orders, and per row there that is missing, left over or stands more than once.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH recomputed AS (
  SELECT
    f.order_date, f.product_id, f.payment_status,
    MAX(f.product_name) AS product_name,
    MAX(f.category) AS category,
    COUNT(*) AS order_lines,
    SUM(f.quantity) AS units,
    SUM(f.line_total) AS total_revenue
  FROM fact_orders AS f
  WHERE f.product_id IS NOT NULL
  GROUP BY f.order_date, f.product_id, f.payment_status
),

stored AS (
  SELECT a.*, COUNT(*) OVER (PARTITION BY a.order_date, a.product_id, a.payment_status) AS copies
  FROM agg_daily_products AS a
),

paired AS (
  SELECT
    IF(
      s.order_date IS NOT NULL,
      ARRAY_TO_STRING([CAST(s.order_date AS STRING), s.product_id, s.payment_status], ' '),
      ARRAY_TO_STRING([CAST(r.order_date AS STRING), r.product_id, r.payment_status], ' ')
    ) AS id,
    CASE
      WHEN r.order_date IS NULL THEN 'left over: the facts have nothing in it'
      WHEN s.order_date IS NULL THEN CONCAT('missing: the facts have ', CAST(r.order_lines AS STRING), ' order lines in it')
      WHEN s.copies > 1 THEN CONCAT('stands ', CAST(s.copies AS STRING), ' times')
    END AS fault,
    [
      STRUCT('product_name' AS name, s.product_name AS stored, r.product_name AS want),
      ('category', s.category, r.category),
      ('order_lines', CAST(s.order_lines AS STRING), CAST(r.order_lines AS STRING)),
      ('units', CAST(s.units AS STRING), CAST(r.units AS STRING)),
      ('total_revenue', CAST(s.total_revenue AS STRING), CAST(r.total_revenue AS STRING))
    ] AS pairs
  FROM stored AS s
  FULL JOIN recomputed AS r
    ON r.order_date = s.order_date AND r.product_id = s.product_id AND r.payment_status = s.payment_status
)

SELECT DISTINCT CONCAT('product of ', p.id, ': ', p.fault) AS detail
FROM paired AS p
WHERE p.fault IS NOT NULL
UNION ALL
SELECT CONCAT('product of ', p.id, ': ', c.name, ' is ', COALESCE(c.stored, 'NULL'), ', the facts give ', COALESCE(c.want, 'NULL'))
FROM paired AS p
CROSS JOIN UNNEST(p.pairs) AS c
WHERE p.fault IS NULL AND c.stored IS DISTINCT FROM c.want;
