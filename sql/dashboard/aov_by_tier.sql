-- Average order value per customer tier in a period, highest first.
-- Grain: one row per tier. An order counts once, by its first line, because
-- total_amount is repeated on each line.
-- Reads only; run by the reporter.
-- @param from_date DATE
-- @param to_date DATE
-- @param from_time TIMESTAMP
-- @param to_time TIMESTAMP
-- @param page_size INT64
WITH tiers AS (
  SELECT
    customer_tier,
    COUNT(*) AS orders,
    COUNT(DISTINCT customer_id) AS customers,
    SUM(total_amount) AS revenue
  FROM fact_orders
  WHERE order_date BETWEEN @from_date AND @to_date
    AND order_timestamp >= @from_time
    AND order_timestamp < @to_time
    AND line_number = 1
  GROUP BY customer_tier
)
SELECT
  customer_tier,
  orders,
  customers,
  revenue,
  revenue / orders AS avg_order_value
FROM tiers
ORDER BY avg_order_value DESC, customer_tier
LIMIT @page_size;
