-- Grain: one row per hour of the shop's clock in which the batch adds an order, and what it adds. An
-- order counts once, by its first line. A customer is new in an hour that has no order of that customer
-- among the facts; a guest is no customer.
-- Run by the aggregator in its transaction, before the batch's facts are inserted; of batches that
-- replace orders 120_touched_hours and what follows it restate the hours.
-- @when orders
-- @unless replacing
-- @param order_dates ARRAY<DATE>
CREATE TEMP TABLE batch_hours AS
WITH orders AS (
  SELECT
    TIMESTAMP_ADD(TIMESTAMP(l.order_date), INTERVAL (l.order_hour * 3600 - COALESCE(l.utc_offset_seconds, 0)) SECOND) AS metric_hour,
    l.*
  FROM loaded_lines AS l
  WHERE l.line_number = 1
),

customers AS (
  SELECT DISTINCT o.metric_hour, o.order_date, o.customer_id
  FROM orders AS o
  WHERE o.customer_id IS NOT NULL
),

known AS (
  SELECT DISTINCT c.metric_hour, c.order_date, c.customer_id
  FROM customers AS c
  JOIN fact_orders AS f
    ON f.customer_id = c.customer_id
    AND f.order_date = c.order_date
    AND c.metric_hour = TIMESTAMP_ADD(TIMESTAMP(f.order_date), INTERVAL (f.order_hour * 3600 - COALESCE(f.utc_offset_seconds, 0)) SECOND)
  WHERE f.order_date IN UNNEST(@order_dates) AND f.line_number = 1
),

newcomers AS (
  SELECT c.metric_hour, c.order_date, COUNT(*) AS unique_customers
  FROM customers AS c
  LEFT JOIN known AS k
    ON k.metric_hour = c.metric_hour AND k.order_date = c.order_date AND k.customer_id = c.customer_id
  WHERE k.customer_id IS NULL
  GROUP BY c.metric_hour, c.order_date
),

sums AS (
  SELECT
    o.metric_hour,
    COUNT(*) AS total_orders,
    SUM(o.total_amount) AS total_revenue,
    COUNTIF(o.payment_status = 'completed') AS completed_orders,
    SUM(IF(o.payment_status = 'completed', o.total_amount, NUMERIC '0')) AS completed_revenue,
    COUNTIF(o.payment_status = 'pending') AS pending_orders,
    COUNTIF(o.payment_status = 'failed') AS failed_orders,
    COUNTIF(o.payment_status NOT IN ('completed', 'pending', 'failed', 'refunded', 'partially_refunded', 'cancelled')) AS other_orders,
    COUNTIF(o.payment_status = 'refunded') AS refunded_orders,
    COUNTIF(o.payment_status = 'partially_refunded') AS partially_refunded_orders,
    COUNTIF(o.payment_status = 'cancelled') AS cancelled_orders,
    SUM(COALESCE(o.refunded_amount, NUMERIC '0')) AS refunded_revenue,
    SUM(o.total_amount - COALESCE(o.refunded_amount, NUMERIC '0')) AS net_revenue,
    SUM(IF(o.payment_status = 'failed', o.total_amount, NUMERIC '0')) AS failed_revenue,
    SUM(IF(o.payment_status = 'cancelled', o.total_amount, NUMERIC '0')) AS cancelled_revenue,
    SUM(
      IF(o.payment_status IN ('failed', 'cancelled'), NUMERIC '0', o.total_amount - COALESCE(o.refunded_amount, NUMERIC '0'))
    ) AS headline_revenue,
    o.order_date,
    SUM(
      CASE
        WHEN o.payment_status IN ('completed', 'partially_refunded') THEN o.total_amount - COALESCE(o.refunded_amount, NUMERIC '0')
        WHEN o.payment_status = 'refunded' THEN o.total_amount - COALESCE(o.refunded_amount, o.total_amount)
        ELSE NUMERIC '0'
      END
    ) AS paid_revenue
  FROM orders AS o
  GROUP BY o.metric_hour, o.order_date
)

SELECT s.*, COALESCE(n.unique_customers, 0) AS unique_customers
FROM sums AS s
LEFT JOIN newcomers AS n ON n.metric_hour = s.metric_hour AND n.order_date = s.order_date;
