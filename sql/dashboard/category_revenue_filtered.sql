-- Revenue per category of the order lines that pass the filters, highest first; of
-- orders that were paid and not paid back as a whole. The columns all_* are sums over all
-- categories, listed or not.
-- Grain: one row per category; an order with lines in two categories counts in
-- both. Unfiltered and over whole days, category_revenue reads the aggregate instead.
-- Reads only; run by the reporter.
-- @param from_date DATE
-- @param to_date DATE
-- @param from_time TIMESTAMP
-- @param to_time TIMESTAMP
-- @param category STRING
-- @param region STRING
-- @param state STRING
-- @param tier STRING
-- @param status STRING
-- @param rank_by STRING
-- @param after_index INT64
-- @param page_size INT64
WITH categories AS (
  SELECT
    category,
    COUNTIF(category_line_number = 1) AS orders,
    SUM(quantity) AS units,
    SUM(
      -- @include line_paid
    ) AS revenue,
    SUM(line_total) AS total_revenue,
    COALESCE(SUM(IF(payment_status = 'completed', line_total, NULL)), 0) AS completed_revenue
  FROM fact_orders AS f
  WHERE TRUE
    -- @if category
    AND category = @category
    -- @end
    -- @include chosen_orders
  GROUP BY category
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
