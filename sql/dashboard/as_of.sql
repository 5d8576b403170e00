-- What the orders of a period that pass the filters came to as they were known at a moment, and come to now.
-- Known at a moment is what the transactions had loaded that began by then (loaded_at): what a reader of the dashboard
-- saw, but for the seconds of a transaction that was still running.
-- Grain: one row for all (level all), one per day with orders then or now (day), and one per status of payment (status). An order
-- counts once, with its total_amount; with a category chosen it counts if it has lines of that category, with their
-- line_total, and without what was paid back of the whole order. revenue is of orders that were paid, less what was paid back.
-- Reads only; run by the reporter.
-- @param from_date DATE
-- @param to_date DATE
-- @param from_time TIMESTAMP
-- @param to_time TIMESTAMP
-- @param moment TIMESTAMP
-- @param changed_from DATE
-- @param changed_to DATE
-- @param category STRING
-- @param region STRING
-- @param state STRING
-- @param tier STRING
-- @param status STRING
WITH
-- @include as_of_lines
,
sums AS (
  SELECT
    order_date,
    IF(payment_status IN ('completed', 'pending', 'failed', 'refunded', 'partially_refunded', 'cancelled'), payment_status, 'other') AS payment_status,
    COUNTIF(is_order AND NOT is_now) AS orders_then,
    COUNTIF(is_order AND is_now) AS orders_now,
    COUNTIF(is_order AND is_paid AND NOT is_now) AS paid_orders_then,
    COUNTIF(is_order AND is_paid AND is_now) AS paid_orders_now,
    SUM(IF(is_paid AND NOT is_now, amount - paid_back, NUMERIC '0')) AS revenue_then,
    SUM(IF(is_paid AND is_now, amount - paid_back, NUMERIC '0')) AS revenue_now,
    SUM(IF(is_now, NUMERIC '0', amount)) AS total_revenue_then,
    SUM(IF(is_now, amount, NUMERIC '0')) AS total_revenue_now,
    SUM(IF(is_now, NUMERIC '0', refunded)) AS refunded_revenue_then,
    SUM(IF(is_now, refunded, NUMERIC '0')) AS refunded_revenue_now
  FROM lines
  WHERE passes
  GROUP BY order_date, payment_status
),
levels AS (
  SELECT 'all' AS level, CAST(NULL AS DATE) AS order_date, CAST(NULL AS STRING) AS payment_status, s.* EXCEPT (order_date, payment_status)
  FROM sums AS s
  UNION ALL
  SELECT 'day', s.order_date, NULL, s.* EXCEPT (order_date, payment_status)
  FROM sums AS s
  UNION ALL
  SELECT 'status', NULL, s.payment_status, s.* EXCEPT (order_date, payment_status)
  FROM sums AS s
  UNION ALL
  -- Also of nothing there are figures.
  SELECT 'all', NULL, NULL, 0, 0, 0, 0, NUMERIC '0', NUMERIC '0', NUMERIC '0', NUMERIC '0', NUMERIC '0', NUMERIC '0'
)
SELECT
  level,
  order_date,
  payment_status,
  SUM(orders_then) AS orders_then,
  SUM(orders_now) AS orders_now,
  SUM(paid_orders_then) AS paid_orders_then,
  SUM(paid_orders_now) AS paid_orders_now,
  SUM(revenue_then) AS revenue_then,
  SUM(revenue_now) AS revenue_now,
  SUM(total_revenue_then) AS total_revenue_then,
  SUM(total_revenue_now) AS total_revenue_now,
  SUM(refunded_revenue_then) AS refunded_revenue_then,
  SUM(refunded_revenue_now) AS refunded_revenue_now
FROM levels
GROUP BY level, order_date, payment_status
ORDER BY level, order_date, payment_status;
