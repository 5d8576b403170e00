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
WITH lines AS (
  SELECT
    customer_id, customer_tier, payment_status,
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
tiers AS (
  SELECT
    customer_tier,
    COUNTIF(is_order) AS orders,
    COUNT(DISTINCT customer_id) AS customers,
    SUM(amount) AS revenue,
    COUNTIF(is_order AND payment_status = 'completed') AS completed_orders,
    COALESCE(SUM(IF(payment_status = 'completed', amount, NULL)), 0) AS completed_revenue
  FROM lines
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
