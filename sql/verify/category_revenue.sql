-- Grain: one row per day, category and column whose stored value is not that of a recomputation from
-- fact_orders, and per day and category that is missing, left over or stands more than once.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH recomputed AS (
  SELECT
    f.order_date AS metric_date,
    f.category,
    COUNT(DISTINCT f.order_id) AS orders,
    SUM(f.quantity) AS units,
    SUM(f.line_total) AS revenue,
    SUM(IF(f.payment_status = 'completed', f.line_total, NUMERIC '0')) AS completed_revenue,
    SUM(IF(f.payment_status IN ('failed', 'cancelled'), NUMERIC '0', f.line_total)) AS headline_revenue,
    SUM(IF(f.payment_status IN ('completed', 'partially_refunded'), f.line_total, NUMERIC '0')) AS paid_revenue
  FROM fact_orders AS f
  GROUP BY metric_date, f.category
),

stored AS (
  SELECT a.*, COUNT(*) OVER (PARTITION BY a.metric_date, a.category) AS copies
  FROM agg_category_revenue AS a
),

paired AS (
  SELECT
    CONCAT(CAST(COALESCE(s.metric_date, r.metric_date) AS STRING), ' ', COALESCE(s.category, r.category)) AS id,
    CASE
      WHEN r.metric_date IS NULL THEN 'left over: the facts have no order in it'
      WHEN s.metric_date IS NULL THEN CONCAT('missing: the facts have ', CAST(r.orders AS STRING), ' orders in it')
      WHEN s.copies > 1 THEN CONCAT('stands ', CAST(s.copies AS STRING), ' times')
    END AS fault,
    [
      STRUCT('orders' AS name, CAST(s.orders AS STRING) AS stored, CAST(r.orders AS STRING) AS want),
      ('units', CAST(s.units AS STRING), CAST(r.units AS STRING)),
      ('revenue', CAST(s.revenue AS STRING), CAST(r.revenue AS STRING)),
      ('completed_revenue', CAST(s.completed_revenue AS STRING), CAST(r.completed_revenue AS STRING)),
      ('headline_revenue', CAST(s.headline_revenue AS STRING), CAST(r.headline_revenue AS STRING)),
      ('paid_revenue', CAST(s.paid_revenue AS STRING), CAST(r.paid_revenue AS STRING))
    ] AS pairs
  FROM stored AS s
  FULL JOIN recomputed AS r ON r.metric_date = s.metric_date AND r.category = s.category
)

SELECT DISTINCT CONCAT('category of ', p.id, ': ', p.fault) AS detail
FROM paired AS p
WHERE p.fault IS NOT NULL
UNION ALL
SELECT CONCAT('category of ', p.id, ': ', c.name, ' is ', COALESCE(c.stored, 'NULL'), ', the facts give ', COALESCE(c.want, 'NULL'))
FROM paired AS p
CROSS JOIN UNNEST(p.pairs) AS c
WHERE p.fault IS NULL AND c.stored IS DISTINCT FROM c.want;
