-- Revenue per category of the order lines that pass the filters, highest first.
-- Grain: one row per category; an order with lines in two categories counts in
-- both. Unfiltered and over whole days, category_revenue reads the aggregate instead.
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
WITH categories AS (
  SELECT
    category,
    COUNTIF(category_line_number = 1) AS orders,
    SUM(quantity) AS units,
    SUM(line_total) AS revenue,
    COALESCE(SUM(IF(payment_status = 'completed', line_total, NULL)), 0) AS completed_revenue
  FROM fact_orders
  WHERE order_date BETWEEN @from_date AND @to_date
    AND order_timestamp >= @from_time
    AND order_timestamp < @to_time
    AND (@category IS NULL OR category = @category)
    AND (@region IS NULL OR region = @region)
    AND (@tier IS NULL OR customer_tier = @tier)
    AND (
      @status IS NULL
      OR payment_status = @status
      OR (@status = 'other' AND payment_status NOT IN ('completed', 'pending', 'failed'))
    )
  GROUP BY category
)
SELECT category, orders, units, revenue, completed_revenue
FROM categories
ORDER BY IF(@rank_by = 'completed_revenue', completed_revenue, revenue) DESC, category
LIMIT @page_size;
