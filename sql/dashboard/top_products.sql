-- The products with the highest revenue in a period.
-- Grain: one row per product. Name and category are the catalog's of today; a
-- product that no catalog names shows what its order lines say.
-- Reads only; run by the reporter.
-- @param from_date DATE
-- @param to_date DATE
-- @param from_time TIMESTAMP
-- @param to_time TIMESTAMP
-- @param page_size INT64
WITH sold AS (
  SELECT
    product_id,
    MAX(product_name) AS product_name,
    MAX(category) AS category,
    COUNT(*) AS order_lines,
    SUM(quantity) AS units,
    SUM(line_total) AS revenue
  FROM fact_orders
  WHERE order_date BETWEEN @from_date AND @to_date
    AND order_timestamp >= @from_time
    AND order_timestamp < @to_time
  GROUP BY product_id
),
best AS (
  SELECT *
  FROM sold
  ORDER BY revenue DESC, product_id
  LIMIT @page_size
)
SELECT
  best.product_id,
  COALESCE(dim_products.product_name, best.product_name) AS product_name,
  COALESCE(dim_products.category, best.category) AS category,
  best.order_lines,
  best.units,
  best.revenue
FROM best
LEFT JOIN dim_products ON dim_products.product_id = best.product_id
ORDER BY best.revenue DESC, best.product_id;
