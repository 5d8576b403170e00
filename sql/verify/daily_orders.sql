-- Grain: one row per day, tier, payment status and place, and column whose stored value in agg_daily_orders is not that of a
-- recomputation from fact_orders, and per row there that is missing, left over or stands more than once.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH recomputed AS (
  SELECT
    f.order_date, f.customer_tier, f.payment_status, f.region, f.state, f.country,
    COUNT(*) AS orders,
    SUM(f.total_amount) AS total_revenue,
    SUM(COALESCE(f.refunded_amount, NUMERIC '0')) AS refunded_revenue,
    SUM(
      CASE
        WHEN f.payment_status = 'refunded' THEN f.total_amount - COALESCE(f.refunded_amount, f.total_amount)
        WHEN f.payment_status IN ('completed', 'partially_refunded') THEN f.total_amount - COALESCE(f.refunded_amount, NUMERIC '0')
        ELSE NUMERIC '0'
      END
    ) AS paid_revenue
  FROM fact_orders AS f
  WHERE f.line_number = 1
  GROUP BY f.order_date, f.customer_tier, f.payment_status, f.region, f.state, f.country
),

stored AS (
  SELECT a.*, COUNT(*) OVER (PARTITION BY a.order_date, a.customer_tier, a.payment_status, a.region, a.state, a.country) AS copies
  FROM agg_daily_orders AS a
),

paired AS (
  SELECT
    IF(
      s.order_date IS NOT NULL,
      ARRAY_TO_STRING([CAST(s.order_date AS STRING), s.customer_tier, s.payment_status, s.region, COALESCE(s.state, '-'), COALESCE(s.country, '-')], ' '),
      ARRAY_TO_STRING([CAST(r.order_date AS STRING), r.customer_tier, r.payment_status, r.region, COALESCE(r.state, '-'), COALESCE(r.country, '-')], ' ')
    ) AS id,
    CASE
      WHEN r.order_date IS NULL THEN 'left over: the facts have nothing in it'
      WHEN s.order_date IS NULL THEN CONCAT('missing: the facts have ', CAST(r.orders AS STRING), ' orders in it')
      WHEN s.copies > 1 THEN CONCAT('stands ', CAST(s.copies AS STRING), ' times')
    END AS fault,
    [
      STRUCT('orders' AS name, CAST(s.orders AS STRING) AS stored, CAST(r.orders AS STRING) AS want),
      ('total_revenue', CAST(s.total_revenue AS STRING), CAST(r.total_revenue AS STRING)),
      ('refunded_revenue', CAST(s.refunded_revenue AS STRING), CAST(r.refunded_revenue AS STRING)),
      ('paid_revenue', CAST(s.paid_revenue AS STRING), CAST(r.paid_revenue AS STRING))
    ] AS pairs
  FROM stored AS s
  FULL JOIN recomputed AS r
    ON r.order_date = s.order_date AND r.customer_tier = s.customer_tier AND r.payment_status = s.payment_status AND r.region = s.region
    AND COALESCE(r.state, '') = COALESCE(s.state, '') AND COALESCE(r.country, '') = COALESCE(s.country, '')
)

SELECT DISTINCT CONCAT('orders of ', p.id, ': ', p.fault) AS detail
FROM paired AS p
WHERE p.fault IS NOT NULL
UNION ALL
SELECT CONCAT('orders of ', p.id, ': ', c.name, ' is ', COALESCE(c.stored, 'NULL'), ', the facts give ', COALESCE(c.want, 'NULL'))
FROM paired AS p
CROSS JOIN UNNEST(p.pairs) AS c
WHERE p.fault IS NULL AND c.stored IS DISTINCT FROM c.want;
