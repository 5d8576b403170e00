-- Whether there is a product: whether the catalog names it, or something of it was ordered in a period; and the newest
-- day of which the inventory's report was made, the first of 1970 if there is none.
-- Grain: one row, none if there is no such product.
-- Reads only; run by the reporter.
-- @param product_id STRING
-- @param from_date DATE
-- @param to_date DATE
WITH named AS (
  SELECT p.product_id
  FROM dim_products AS p
  WHERE p.product_id = @product_id
  UNION DISTINCT
  SELECT d.product_id
  FROM agg_daily_products AS d
  WHERE d.order_date BETWEEN @from_date AND @to_date AND d.product_id = @product_id
),
newest AS (
  SELECT MAX(r.report_date) AS report_date
  FROM report_runs AS r
  WHERE r.report = 'inventory-alerts'
)
SELECT COALESCE(newest.report_date, DATE(1970, 1, 1)) AS report_date
FROM named
CROSS JOIN newest;
