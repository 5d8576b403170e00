-- What the filters can be set to in a period, most frequent first.
-- Grain: one row per filter (category, region, tier) and value; at most
-- page_size values per filter. orders counts the orders that each value alone
-- would leave; of a category, summed over whole days.
-- Reads only; run by the reporter.
-- @param from_date DATE
-- @param to_date DATE
-- @param from_time TIMESTAMP
-- @param to_time TIMESTAMP
-- @param page_size INT64
WITH places AS (
  -- @if hours
  SELECT f.region, f.customer_tier, COUNT(*) AS orders
  FROM fact_orders AS f
  WHERE f.line_number = 1
    AND f.order_date BETWEEN @from_date AND @to_date
    AND f.order_timestamp >= @from_time
    AND f.order_timestamp < @to_time
  GROUP BY f.region, f.customer_tier
  -- @end
  -- @if not hours
  SELECT d.region, d.customer_tier, SUM(d.orders) AS orders
  FROM agg_daily_orders AS d
  WHERE d.order_date BETWEEN @from_date AND @to_date
  GROUP BY d.region, d.customer_tier
  -- @end
),
filter_values AS (
  SELECT 'category' AS filter, category AS value, SUM(orders) AS orders
  FROM agg_category_revenue
  WHERE metric_date BETWEEN @from_date AND @to_date
  GROUP BY category
  UNION ALL
  SELECT 'region' AS filter, region AS value, SUM(orders) AS orders
  FROM places
  GROUP BY region
  UNION ALL
  SELECT 'tier' AS filter, customer_tier AS value, SUM(orders) AS orders
  FROM places
  GROUP BY customer_tier
),
ranked AS (
  SELECT
    filter,
    value,
    orders,
    ROW_NUMBER() OVER (PARTITION BY filter ORDER BY orders DESC, value) AS place
  FROM filter_values
)
SELECT filter, value, orders
FROM ranked
WHERE place <= @page_size
ORDER BY filter, place;
