-- Average order value per customer tier in a period, highest first; of a tier
-- without a completed order the completed average is NULL and comes last.
-- Grain: one row per tier. An order counts once,
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
-- @param rank_by STRING
-- @param page_size INT64
WITH orders AS (
  SELECT order_id, customer_id, customer_tier, payment_status, total_amount AS amount
  FROM fact_orders
  WHERE @category IS NULL
    AND line_number = 1
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
  UNION ALL
  SELECT
    order_id,
    ANY_VALUE(customer_id) AS customer_id,
    ANY_VALUE(customer_tier) AS customer_tier,
    ANY_VALUE(payment_status) AS payment_status,
    SUM(line_total) AS amount
  FROM fact_orders
  WHERE category = @category
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
  GROUP BY order_id
),
tiers AS (
  SELECT
    customer_tier,
    COUNT(*) AS orders,
    COUNT(DISTINCT customer_id) AS customers,
    SUM(amount) AS revenue,
    COUNTIF(payment_status = 'completed') AS completed_orders,
    COALESCE(SUM(IF(payment_status = 'completed', amount, NULL)), 0) AS completed_revenue
  FROM orders
  GROUP BY customer_tier
),
averages AS (
  SELECT
    customer_tier,
    orders,
    customers,
    revenue,
    revenue / orders AS avg_order_value,
    completed_orders,
    completed_revenue,
    completed_revenue / NULLIF(completed_orders, 0) AS completed_avg_order_value
  FROM tiers
)
SELECT
  customer_tier,
  orders,
  customers,
  revenue,
  avg_order_value,
  completed_orders,
  completed_revenue,
  completed_avg_order_value
FROM averages
ORDER BY IF(@rank_by = 'completed_revenue', completed_avg_order_value, avg_order_value) DESC, customer_tier
LIMIT @page_size;
