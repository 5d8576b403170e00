-- One product: its name and category, which are the catalog's of today, or what its order lines of a period say if no
-- catalog names it, and what was ordered of it in the period.
-- Grain: exactly one row; of a product that no catalog names, the catalog's columns are NULL. revenue is of orders that
-- were paid and not paid back as a whole.
-- Reads only; run by the reporter.
-- @param product_id STRING
-- @param from_date DATE
-- @param to_date DATE
WITH sold AS (
  SELECT
    @product_id AS product_id,
    MAX(d.product_name) AS product_name,
    MAX(d.category) AS category,
    COALESCE(SUM(d.order_lines), 0) AS order_lines,
    COALESCE(SUM(d.units), 0) AS units,
    COALESCE(SUM(IF(d.payment_status IN ('completed', 'partially_refunded'), d.total_revenue, NULL)), 0) AS revenue,
    COALESCE(SUM(d.total_revenue), 0) AS total_revenue
  FROM agg_daily_products AS d
  WHERE d.order_date BETWEEN @from_date AND @to_date AND d.product_id = @product_id
),
catalog AS (
  SELECT p.product_id, p.product_name, p.category, p.price, p.stock_level, p.is_active, p.landed_at
  FROM dim_products AS p
  WHERE p.product_id = @product_id
)
SELECT
  sold.product_id,
  COALESCE(catalog.product_name, sold.product_name) AS product_name,
  IF(catalog.product_id IS NULL, sold.category, COALESCE(catalog.category, 'none')) AS category,
  catalog.price,
  catalog.stock_level,
  catalog.is_active,
  catalog.landed_at AS catalog_landed_at,
  sold.order_lines,
  sold.units,
  sold.revenue,
  sold.total_revenue
FROM sold
LEFT JOIN catalog ON catalog.product_id = sold.product_id;
