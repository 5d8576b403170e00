-- Grain: one row per day, customer and tier, and column whose stored value in agg_daily_customers is not that of a
-- recomputation from fact_orders, and per row there that is missing, left over or stands more than once.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH recomputed AS (
  SELECT
    f.order_date, f.customer_id, f.customer_tier,
    COUNT(*) AS orders,
    SUM(IF(f.payment_status IN ('failed', 'cancelled'), NUMERIC '0', f.total_amount - COALESCE(f.refunded_amount, NUMERIC '0'))) AS headline_revenue,
    SUM(IF(f.payment_status = 'completed', f.total_amount, NUMERIC '0')) AS completed_revenue,
    SUM(IF(f.payment_status IN ('completed', 'refunded', 'partially_refunded'), 1, 0)) AS paid_orders,
    SUM(
      CASE f.payment_status
        WHEN 'completed' THEN f.total_amount - COALESCE(f.refunded_amount, NUMERIC '0')
        WHEN 'partially_refunded' THEN f.total_amount - COALESCE(f.refunded_amount, NUMERIC '0')
        WHEN 'refunded' THEN f.total_amount - COALESCE(f.refunded_amount, f.total_amount)
        ELSE NUMERIC '0'
      END
    ) AS paid_revenue
  FROM fact_orders AS f
  WHERE f.line_number = 1 AND f.customer_id IS NOT NULL
  GROUP BY f.order_date, f.customer_id, f.customer_tier
),

stored AS (
  SELECT a.*, COUNT(*) OVER (PARTITION BY a.order_date, a.customer_id, a.customer_tier) AS copies
  FROM agg_daily_customers AS a
),

paired AS (
  SELECT
    IF(
      s.order_date IS NOT NULL,
      ARRAY_TO_STRING([CAST(s.order_date AS STRING), s.customer_id, s.customer_tier], ' '),
      ARRAY_TO_STRING([CAST(r.order_date AS STRING), r.customer_id, r.customer_tier], ' ')
    ) AS id,
    CASE
      WHEN r.order_date IS NULL THEN 'left over: the facts have nothing in it'
      WHEN s.order_date IS NULL THEN CONCAT('missing: the facts have ', CAST(r.orders AS STRING), ' orders in it')
      WHEN s.copies > 1 THEN CONCAT('stands ', CAST(s.copies AS STRING), ' times')
    END AS fault,
    [
      STRUCT('orders' AS name, CAST(s.orders AS STRING) AS stored, CAST(r.orders AS STRING) AS want),
      ('headline_revenue', CAST(s.headline_revenue AS STRING), CAST(r.headline_revenue AS STRING)),
      ('completed_revenue', CAST(s.completed_revenue AS STRING), CAST(r.completed_revenue AS STRING)),
      ('paid_orders', CAST(s.paid_orders AS STRING), CAST(r.paid_orders AS STRING)),
      ('paid_revenue', CAST(s.paid_revenue AS STRING), CAST(r.paid_revenue AS STRING))
    ] AS pairs
  FROM stored AS s
  FULL JOIN recomputed AS r
    ON r.order_date = s.order_date AND r.customer_id = s.customer_id AND r.customer_tier = s.customer_tier
)

SELECT DISTINCT CONCAT('customer of ', p.id, ': ', p.fault) AS detail
FROM paired AS p
WHERE p.fault IS NOT NULL
UNION ALL
SELECT CONCAT('customer of ', p.id, ': ', c.name, ' is ', COALESCE(c.stored, 'NULL'), ', the facts give ', COALESCE(c.want, 'NULL'))
FROM paired AS p
CROSS JOIN UNNEST(p.pairs) AS c
WHERE p.fault IS NULL AND c.stored IS DISTINCT FROM c.want;
