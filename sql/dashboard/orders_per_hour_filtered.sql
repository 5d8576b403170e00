-- Orders and revenue per hour of a period, of the orders that pass the filters,
-- oldest first. Unfiltered, orders_per_hour reads the aggregate instead.
-- Grain: one row per hour with orders. An order counts once,
-- with its total_amount; with a category chosen it counts if it has lines of that
-- category, with their line_total.
-- Reads only; run by the reporter.
-- @param from_date DATE
-- @param to_date DATE
-- @param from_time TIMESTAMP
-- @param to_time TIMESTAMP
-- @param category STRING
-- @param region STRING
-- @param tier STRING
-- @param status STRING
WITH lines AS (
  SELECT
    customer_id, payment_status, order_timestamp,
    IF(@category IS NULL, total_amount, line_total) AS amount,
    IF(@category IS NULL, line_number, category_line_number) = 1 AS is_order
  FROM fact_orders
  WHERE IF(@category IS NULL, line_number = 1, category = @category)
    AND order_date BETWEEN @from_date AND @to_date
    AND order_timestamp >= @from_time
    AND order_timestamp < @to_time
    AND (@region IS NULL OR region = @region)
    AND (@tier IS NULL OR customer_tier = @tier)
    AND (
      @status IS NULL
      OR payment_status = @status
      OR (@status = 'other' AND payment_status NOT IN ('completed', 'pending', 'failed'))
    )
),
hours AS (
  SELECT
    TIMESTAMP_TRUNC(order_timestamp, HOUR) AS metric_hour,
    COUNTIF(is_order) AS total_orders,
    SUM(amount) AS total_revenue,
    COUNT(DISTINCT customer_id) AS unique_customers,
    COUNTIF(is_order AND payment_status = 'completed') AS completed_orders,
    COALESCE(SUM(IF(payment_status = 'completed', amount, NULL)), 0) AS completed_revenue,
    COUNTIF(is_order AND payment_status = 'pending') AS pending_orders,
    COUNTIF(is_order AND payment_status = 'failed') AS failed_orders,
    COUNTIF(is_order AND payment_status NOT IN ('completed', 'pending', 'failed')) AS other_orders
  FROM lines
  GROUP BY metric_hour
)
SELECT
  metric_hour,
  total_orders,
  total_revenue,
  total_revenue / total_orders AS avg_order_value,
  unique_customers,
  completed_orders,
  completed_revenue,
  pending_orders,
  failed_orders,
  other_orders
FROM hours
ORDER BY metric_hour;
