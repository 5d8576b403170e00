-- Grain: one row per day and category whose stored revenue differs from a recomputation from
-- fact_orders, is missing, left over or stands twice. Each side of a difference is a row of its own.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH recomputed AS (
  SELECT
    f.order_date AS metric_date,
    f.category,
    COUNT(DISTINCT f.order_id) AS orders,
    SUM(f.quantity) AS units,
    SUM(f.line_total) AS revenue,
    SUM(IF(f.payment_status = 'completed', f.line_total, NUMERIC '0')) AS completed_revenue
  FROM fact_orders AS f
  GROUP BY metric_date, f.category
),

both AS (
  SELECT a.metric_date, a.category, a.orders, a.units, a.revenue, a.completed_revenue, 1 AS weight
  FROM agg_category_revenue AS a
  UNION ALL
  SELECT r.metric_date, r.category, r.orders, r.units, r.revenue, r.completed_revenue, -1 AS weight
  FROM recomputed AS r
)

SELECT
  CONCAT(
    CAST(b.metric_date AS STRING), ' ', b.category,
    IF(SUM(b.weight) > 0, ': stored, not in the facts: ', ': in the facts, not stored: '), 'revenue ', CAST(b.revenue AS STRING)
  ) AS detail
FROM both AS b
GROUP BY b.metric_date, b.category, b.orders, b.units, b.revenue, b.completed_revenue
HAVING SUM(b.weight) != 0;
