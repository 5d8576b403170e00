-- Orders and revenue per hour of a period, of the orders that pass the filters,
-- oldest first. Unfiltered, orders_per_hour reads the aggregate instead.
-- Grain: one row per hour with orders. An order counts once,
-- with its total_amount; with a category chosen it counts if it has lines of that
-- category, with their line_total, and without what was paid back of the whole order.
-- revenue is of orders that were paid, less what was paid back.
-- Reads only; run by the reporter.
-- @param from_date DATE
-- @param to_date DATE
-- @param from_time TIMESTAMP
-- @param to_time TIMESTAMP
-- @param category STRING
-- @param region STRING
-- @param state STRING
-- @param tier STRING
-- @param status STRING
WITH lines AS (
  SELECT
    customer_id, payment_status,
    TIMESTAMP_ADD(TIMESTAMP(order_date), INTERVAL (order_hour * 3600 - COALESCE(utc_offset_seconds, 0)) SECOND) AS metric_hour,
    -- @if category
    NUMERIC '0' AS refunded,
    -- @end
    -- @if not category
    COALESCE(refunded_amount, 0) AS refunded,
    -- @end
    -- @include order_amounts
  FROM fact_orders
  -- @if category
  WHERE category = @category
  -- @end
  -- @if not category
  WHERE line_number = 1
  -- @end
    -- @include chosen_orders
),
hours AS (
  SELECT
    metric_hour,
    COUNTIF(is_order) AS total_orders,
    COALESCE(SUM(IF(is_paid, amount - paid_back, NULL)), 0) AS revenue,
    SUM(amount) AS total_revenue,
    COUNT(DISTINCT customer_id) AS unique_customers,
    COUNTIF(is_order AND payment_status = 'completed') AS completed_orders,
    COALESCE(SUM(IF(payment_status = 'completed', amount, NULL)), 0) AS completed_revenue,
    COUNTIF(is_order AND payment_status = 'pending') AS pending_orders,
    COUNTIF(is_order AND payment_status = 'failed') AS failed_orders,
    COUNTIF(is_order AND payment_status = 'refunded') AS refunded_orders,
    COUNTIF(is_order AND payment_status = 'partially_refunded') AS partially_refunded_orders,
    COUNTIF(is_order AND payment_status = 'cancelled') AS cancelled_orders,
    COUNTIF(
      is_order AND payment_status NOT IN ('completed', 'pending', 'failed', 'refunded', 'partially_refunded', 'cancelled')
    ) AS other_orders,
    SUM(refunded) AS refunded_revenue,
    COALESCE(SUM(IF(payment_status = 'failed', amount, NULL)), 0) AS failed_revenue,
    COALESCE(SUM(IF(payment_status = 'cancelled', amount, NULL)), 0) AS cancelled_revenue
  FROM lines
  GROUP BY metric_hour
)
SELECT
  metric_hour,
  total_orders,
  revenue,
  total_revenue,
  total_revenue / total_orders AS avg_order_value,
  unique_customers,
  completed_orders,
  completed_revenue,
  pending_orders,
  failed_orders,
  refunded_orders,
  partially_refunded_orders,
  cancelled_orders,
  other_orders,
  refunded_revenue,
  total_revenue - refunded_revenue AS net_revenue,
  failed_revenue,
  cancelled_revenue
FROM hours
ORDER BY metric_hour;
