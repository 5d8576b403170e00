-- Grain: one row per touched hour of the shop's clock, computed from all its facts. An order counts once,
-- by its first line, however many lines it has; a guest is no customer.
-- Run by the aggregator in its transaction, after the hours are removed.
-- @when replacing
-- @param now TIMESTAMP
-- @param order_dates ARRAY<DATE>
INSERT INTO agg_hourly_metrics (
  metric_hour, total_orders, total_revenue, avg_order_value, unique_customers,
  completed_orders, completed_revenue, pending_orders, failed_orders, other_orders, updated_at,
  refunded_orders, partially_refunded_orders, cancelled_orders,
  refunded_revenue, net_revenue, failed_revenue, cancelled_revenue, headline_revenue, order_date, paid_revenue
)
SELECT
  t.metric_hour,
  COUNT(*) AS total_orders,
  SUM(f.total_amount) AS total_revenue,
  SUM(f.total_amount) / COUNT(*) AS avg_order_value,
  COUNT(DISTINCT f.customer_id) AS unique_customers,
  COUNTIF(f.payment_status = 'completed') AS completed_orders,
  SUM(IF(f.payment_status = 'completed', f.total_amount, NUMERIC '0')) AS completed_revenue,
  COUNTIF(f.payment_status = 'pending') AS pending_orders,
  COUNTIF(f.payment_status = 'failed') AS failed_orders,
  COUNTIF(f.payment_status NOT IN ('completed', 'pending', 'failed', 'refunded', 'partially_refunded', 'cancelled')) AS other_orders,
  @now AS updated_at,
  -- @include hour_figures
  t.order_date,
  SUM(
    CASE
      WHEN f.payment_status IN ('completed', 'partially_refunded') THEN f.total_amount - COALESCE(f.refunded_amount, NUMERIC '0')
      WHEN f.payment_status = 'refunded' THEN f.total_amount - COALESCE(f.refunded_amount, f.total_amount)
      ELSE NUMERIC '0'
    END
  ) AS paid_revenue
FROM fact_orders AS f
JOIN touched_hours AS t
  ON t.order_date = f.order_date
  AND t.metric_hour = TIMESTAMP_ADD(TIMESTAMP(f.order_date), INTERVAL (f.order_hour * 3600 - COALESCE(f.utc_offset_seconds, 0)) SECOND)
WHERE
  f.order_date IN UNNEST(@order_dates)
  AND f.line_number = 1
GROUP BY t.metric_hour, t.order_date;
