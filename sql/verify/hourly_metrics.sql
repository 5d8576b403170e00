-- Grain: one row per hour of the shop's clock and column whose stored value is not that of a recomputation
-- from fact_orders, and per hour that is missing, left over or stands more than once.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH recomputed AS (
  SELECT
    TIMESTAMP_ADD(TIMESTAMP(f.order_date), INTERVAL (f.order_hour * 3600 - COALESCE(f.utc_offset_seconds, 0)) SECOND) AS metric_hour,
    f.order_date,
    COUNT(*) AS total_orders,
    SUM(f.total_amount) AS total_revenue,
    SUM(f.total_amount) / COUNT(*) AS avg_order_value,
    COUNT(DISTINCT f.customer_id) AS unique_customers,
    COUNTIF(f.payment_status = 'completed') AS completed_orders,
    SUM(IF(f.payment_status = 'completed', f.total_amount, NUMERIC '0')) AS completed_revenue,
    COUNTIF(f.payment_status = 'pending') AS pending_orders,
    COUNTIF(f.payment_status = 'failed') AS failed_orders,
    COUNTIF(f.payment_status NOT IN ('completed', 'pending', 'failed', 'refunded', 'partially_refunded', 'cancelled')) AS other_orders,
    COUNTIF(f.payment_status = 'refunded') AS refunded_orders,
    COUNTIF(f.payment_status = 'partially_refunded') AS partially_refunded_orders,
    COUNTIF(f.payment_status = 'cancelled') AS cancelled_orders,
    SUM(COALESCE(f.refunded_amount, NUMERIC '0')) AS refunded_revenue,
    SUM(f.total_amount - COALESCE(f.refunded_amount, NUMERIC '0')) AS net_revenue,
    SUM(IF(f.payment_status = 'failed', f.total_amount, NUMERIC '0')) AS failed_revenue,
    SUM(IF(f.payment_status = 'cancelled', f.total_amount, NUMERIC '0')) AS cancelled_revenue,
    SUM(
      IF(f.payment_status IN ('failed', 'cancelled'), NUMERIC '0', f.total_amount - COALESCE(f.refunded_amount, NUMERIC '0'))
    ) AS headline_revenue,
    SUM(
      CASE
        WHEN f.payment_status IN ('completed', 'partially_refunded') THEN f.total_amount - COALESCE(f.refunded_amount, NUMERIC '0')
        WHEN f.payment_status = 'refunded' THEN f.total_amount - COALESCE(f.refunded_amount, f.total_amount)
        ELSE NUMERIC '0'
      END
    ) AS paid_revenue
  FROM fact_orders AS f
  WHERE f.line_number = 1
  GROUP BY metric_hour, f.order_date
),

stored AS (
  SELECT a.*, COUNT(*) OVER (PARTITION BY a.metric_hour) AS copies
  FROM agg_hourly_metrics AS a
),

paired AS (
  SELECT
    COALESCE(s.metric_hour, r.metric_hour) AS metric_hour,
    CASE
      WHEN r.metric_hour IS NULL THEN 'left over: the facts have no order in it'
      WHEN s.metric_hour IS NULL THEN CONCAT('missing: the facts have ', CAST(r.total_orders AS STRING), ' orders in it')
      WHEN s.copies > 1 THEN CONCAT('stands ', CAST(s.copies AS STRING), ' times')
    END AS fault,
    [
      STRUCT('order_date' AS name, CAST(COALESCE(s.order_date, DATE(s.metric_hour)) AS STRING) AS stored, CAST(r.order_date AS STRING) AS want),
      ('total_orders', CAST(s.total_orders AS STRING), CAST(r.total_orders AS STRING)),
      ('total_revenue', CAST(s.total_revenue AS STRING), CAST(r.total_revenue AS STRING)),
      ('avg_order_value', CAST(s.avg_order_value AS STRING), CAST(r.avg_order_value AS STRING)),
      ('unique_customers', CAST(s.unique_customers AS STRING), CAST(r.unique_customers AS STRING)),
      ('completed_orders', CAST(s.completed_orders AS STRING), CAST(r.completed_orders AS STRING)),
      ('completed_revenue', CAST(s.completed_revenue AS STRING), CAST(r.completed_revenue AS STRING)),
      ('pending_orders', CAST(s.pending_orders AS STRING), CAST(r.pending_orders AS STRING)),
      ('failed_orders', CAST(s.failed_orders AS STRING), CAST(r.failed_orders AS STRING)),
      ('other_orders', CAST(s.other_orders AS STRING), CAST(r.other_orders AS STRING)),
      ('refunded_orders', CAST(s.refunded_orders AS STRING), CAST(r.refunded_orders AS STRING)),
      ('partially_refunded_orders', CAST(s.partially_refunded_orders AS STRING), CAST(r.partially_refunded_orders AS STRING)),
      ('cancelled_orders', CAST(s.cancelled_orders AS STRING), CAST(r.cancelled_orders AS STRING)),
      ('refunded_revenue', CAST(s.refunded_revenue AS STRING), CAST(r.refunded_revenue AS STRING)),
      ('net_revenue', CAST(s.net_revenue AS STRING), CAST(r.net_revenue AS STRING)),
      ('failed_revenue', CAST(s.failed_revenue AS STRING), CAST(r.failed_revenue AS STRING)),
      ('cancelled_revenue', CAST(s.cancelled_revenue AS STRING), CAST(r.cancelled_revenue AS STRING)),
      ('headline_revenue', CAST(s.headline_revenue AS STRING), CAST(r.headline_revenue AS STRING)),
      ('paid_revenue', CAST(s.paid_revenue AS STRING), CAST(r.paid_revenue AS STRING))
    ] AS pairs
  FROM stored AS s
  FULL JOIN recomputed AS r ON r.metric_hour = s.metric_hour
)

SELECT DISTINCT CONCAT('hour ', CAST(p.metric_hour AS STRING), ': ', p.fault) AS detail
FROM paired AS p
WHERE p.fault IS NOT NULL
UNION ALL
SELECT
  CONCAT(
    'hour ', CAST(p.metric_hour AS STRING), ': ', c.name, ' is ', COALESCE(c.stored, 'NULL'), ', the facts give ', COALESCE(c.want, 'NULL')
  )
FROM paired AS p
CROSS JOIN UNNEST(p.pairs) AS c
WHERE p.fault IS NULL AND c.stored IS DISTINCT FROM c.want;
