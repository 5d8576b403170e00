-- The products with the highest revenue of the order lines that pass the filters.
-- Grain: one row per product. Name and category are the catalog's of today; a
-- product that no catalog names shows what its order lines say, all the same.
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
WITH sold AS (
  SELECT
    product_id,
    ANY_VALUE(product_name) AS product_name,
    ANY_VALUE(category) AS category,
    COUNT(*) AS order_lines,
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
  GROUP BY product_id
),
best AS (
  SELECT *
  FROM sold
  ORDER BY IF(@rank_by = 'completed_revenue', completed_revenue, revenue) DESC, product_id
  LIMIT @page_size
)
SELECT
  best.product_id,
  COALESCE(dim_products.product_name, best.product_name) AS product_name,
  COALESCE(dim_products.category, best.category) AS category,
  best.order_lines,
  best.units,
  best.revenue,
  best.completed_revenue
FROM best
LEFT JOIN dim_products ON dim_products.product_id = best.product_id
ORDER BY IF(@rank_by = 'completed_revenue', best.completed_revenue, best.revenue) DESC, best.product_id;
