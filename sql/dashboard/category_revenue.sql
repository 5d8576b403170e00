-- Revenue per category over whole days, highest first.
-- Grain: one row per category. An order has one day, so that orders may be
-- summed over the days; an order with lines in two categories counts in both.
-- Reads only; run by the reporter.
-- @param from_date DATE
-- @param to_date DATE
-- @param page_size INT64
SELECT
  category,
  SUM(orders) AS orders,
  SUM(units) AS units,
  SUM(revenue) AS revenue,
  SUM(completed_revenue) AS completed_revenue
FROM agg_category_revenue
WHERE metric_date BETWEEN @from_date AND @to_date
GROUP BY category
ORDER BY revenue DESC, category
LIMIT @page_size;
