-- What was ordered of one product on each day of a period, oldest first.
-- Grain: one row per day with order lines of the product. revenue is of orders that were paid and not paid back as a
-- whole.
-- Reads only; run by the reporter.
-- @param product_id STRING
-- @param from_date DATE
-- @param to_date DATE
SELECT
  d.order_date,
  SUM(d.order_lines) AS order_lines,
  SUM(d.units) AS units,
  COALESCE(SUM(IF(d.payment_status IN ('completed', 'partially_refunded'), d.total_revenue, NULL)), 0) AS revenue,
  SUM(d.total_revenue) AS total_revenue
FROM agg_daily_products AS d
WHERE d.order_date BETWEEN @from_date AND @to_date AND d.product_id = @product_id
GROUP BY d.order_date
ORDER BY d.order_date;
