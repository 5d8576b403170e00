-- Revenue per category over whole days, highest first; of orders that were paid and not
-- paid back as a whole. The columns all_* are sums over all categories, listed or not.
-- Grain: one row per category. An order has one day, so that orders may be
-- summed over the days; an order with lines in two categories counts in both.
-- Reads only; run by the reporter.
-- @param from_date DATE
-- @param to_date DATE
-- @param rank_by STRING
-- @param after_index INT64
-- @param page_size INT64
WITH categories AS (
  SELECT
    a.category,
    SUM(a.orders) AS orders,
    SUM(a.units) AS units,
    SUM(COALESCE(a.paid_revenue, a.headline_revenue, a.revenue)) AS revenue,
    SUM(a.revenue) AS total_revenue,
    SUM(a.completed_revenue) AS completed_revenue
  FROM agg_category_revenue AS a
  WHERE a.metric_date BETWEEN @from_date AND @to_date
  GROUP BY a.category
),
ranked AS (
  SELECT
    *,
    ROW_NUMBER() OVER (ORDER BY CASE @rank_by WHEN 'completed_revenue' THEN completed_revenue WHEN 'total_revenue' THEN total_revenue ELSE revenue END DESC, category) AS place,
    COUNT(*) OVER () AS all_entries,
    SUM(units) OVER () AS all_units,
    SUM(revenue) OVER () AS all_revenue,
    SUM(total_revenue) OVER () AS all_total_revenue,
    SUM(completed_revenue) OVER () AS all_completed_revenue
  FROM categories
)
SELECT
  place, category, orders, units, revenue, total_revenue, completed_revenue,
  all_entries, all_units, all_revenue, all_total_revenue, all_completed_revenue
FROM ranked
WHERE place > @after_index
ORDER BY place
LIMIT @page_size;
