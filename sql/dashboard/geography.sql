-- Orders and revenue by place in a period, at three levels, highest revenue first.
-- Grain: one row per level (region, state, country) and place; a state belongs
-- to its country. At most page_size places per level. An order counts once, by
-- its first line, because total_amount is repeated on each line.
-- Reads only; run by the reporter.
-- @param from_date DATE
-- @param to_date DATE
-- @param from_time TIMESTAMP
-- @param to_time TIMESTAMP
-- @param page_size INT64
WITH places AS (
  SELECT
    region,
    state,
    country,
    COUNT(*) AS orders,
    SUM(total_amount) AS revenue
  FROM fact_orders
  WHERE order_date BETWEEN @from_date AND @to_date
    AND order_timestamp >= @from_time
    AND order_timestamp < @to_time
    AND line_number = 1
  GROUP BY region, state, country
),
regions AS (
  SELECT
    'region' AS level,
    region,
    CAST(NULL AS STRING) AS state,
    CAST(NULL AS STRING) AS country,
    SUM(orders) AS orders,
    SUM(revenue) AS revenue
  FROM places
  GROUP BY region
),
states AS (
  SELECT
    'state' AS level,
    MAX(region) AS region,
    state,
    country,
    SUM(orders) AS orders,
    SUM(revenue) AS revenue
  FROM places
  GROUP BY state, country
),
countries AS (
  SELECT
    'country' AS level,
    CAST(NULL AS STRING) AS region,
    CAST(NULL AS STRING) AS state,
    country,
    SUM(orders) AS orders,
    SUM(revenue) AS revenue
  FROM places
  GROUP BY country
),
levels AS (
  SELECT * FROM regions
  UNION ALL
  SELECT * FROM states
  UNION ALL
  SELECT * FROM countries
),
ranked AS (
  SELECT
    level,
    region,
    state,
    country,
    orders,
    revenue,
    ROW_NUMBER() OVER (PARTITION BY level ORDER BY revenue DESC, country, state, region) AS place
  FROM levels
)
SELECT level, region, state, country, orders, revenue
FROM ranked
WHERE place <= @page_size
ORDER BY level, place;
