-- Grain: one row per hour whose stored metrics differ from a recomputation from fact_orders,
-- are missing, left over or stand twice. Each side of a difference is a row of its own.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH recomputed AS (
  SELECT
    TIMESTAMP_TRUNC(f.order_timestamp, HOUR) AS metric_hour,
    COUNT(*) AS total_orders,
    SUM(f.total_amount) AS total_revenue,
    SUM(f.total_amount) / COUNT(*) AS avg_order_value,
    COUNT(DISTINCT f.customer_id) AS unique_customers,
    COUNTIF(f.payment_status = 'completed') AS completed_orders,
    SUM(IF(f.payment_status = 'completed', f.total_amount, NUMERIC '0')) AS completed_revenue,
    COUNTIF(f.payment_status = 'pending') AS pending_orders,
    COUNTIF(f.payment_status = 'failed') AS failed_orders,
    COUNTIF(f.payment_status NOT IN ('completed', 'pending', 'failed')) AS other_orders
  FROM fact_orders AS f
  WHERE f.line_number = 1
  GROUP BY metric_hour
),

both AS (
  SELECT
    a.metric_hour, a.total_orders, a.total_revenue, a.avg_order_value, a.unique_customers, a.completed_orders,
    a.completed_revenue, a.pending_orders, a.failed_orders, a.other_orders, 1 AS weight
  FROM agg_hourly_metrics AS a
  UNION ALL
  SELECT
    r.metric_hour, r.total_orders, r.total_revenue, r.avg_order_value, r.unique_customers, r.completed_orders,
    r.completed_revenue, r.pending_orders, r.failed_orders, r.other_orders, -1 AS weight
  FROM recomputed AS r
)

SELECT
  CONCAT(
    'hour ', CAST(b.metric_hour AS STRING), IF(SUM(b.weight) > 0, ': stored, not in the facts: ', ': in the facts, not stored: '),
    CAST(b.total_orders AS STRING), ' orders, revenue ', CAST(b.total_revenue AS STRING)
  ) AS detail
FROM both AS b
GROUP BY
  b.metric_hour, b.total_orders, b.total_revenue, b.avg_order_value, b.unique_customers, b.completed_orders,
  b.completed_revenue, b.pending_orders, b.failed_orders, b.other_orders
HAVING SUM(b.weight) != 0;
