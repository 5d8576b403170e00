-- Revenue per category over whole days, highest first.
-- Grain: one row per category. An order has one day, so that orders may be
-- summed over the days; an order with lines in two categories counts in both.
-- Reads only; run by the reporter.
-- @param from_date DATE
-- @param to_date DATE
-- @param rank_by STRING
-- @param page_size INT64
WITH categories AS (
  SELECT
    category,
    SUM(orders) AS orders,
    SUM(units) AS units,
    SUM(revenue) AS revenue,
    SUM(completed_revenue) AS completed_revenue
  FROM agg_category_revenue
  WHERE metric_date BETWEEN @from_date AND @to_date
  GROUP BY category
)
SELECT category, orders, units, revenue, completed_revenue
FROM categories
ORDER BY IF(@rank_by = 'completed_revenue', completed_revenue, revenue) DESC, category
LIMIT @page_size;
