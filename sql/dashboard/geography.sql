-- Orders and revenue by place in a period, at three levels, highest revenue first.
-- Grain: one row per level (region, state, country) and place; a state belongs
-- to its country. At most page_size places per level. An order counts once,
-- with its total_amount; with a category chosen it counts if it has lines of that
-- category, with their line_total.
-- Reads only; run by the reporter.
-- @param from_date DATE
-- @param to_date DATE
-- @param from_time TIMESTAMP
-- @param to_time TIMESTAMP
-- @param category STRING
-- @param region STRING
-- @param tier STRING
-- @param status STRING
-- @param rank_by STRING
-- @param page_size INT64
WITH lines AS (
  SELECT
    region, state, country, payment_status,
    IF(@category IS NULL, total_amount, line_total) AS amount,
    IF(@category IS NULL, line_number, category_line_number) = 1 AS is_order
  FROM fact_orders
  WHERE IF(@category IS NULL, line_number = 1, category = @category)
    AND order_date BETWEEN @from_date AND @to_date
    AND order_timestamp >= @from_time
    AND order_timestamp < @to_time
    AND (@region IS NULL OR region = @region)
    AND (@tier IS NULL OR customer_tier = @tier)
    AND (
      @status IS NULL
      OR payment_status = @status
      OR (@status = 'other' AND payment_status NOT IN ('completed', 'pending', 'failed'))
    )
),
places AS (
  SELECT
    region,
    state,
    country,
    COUNTIF(is_order) AS orders,
    SUM(amount) AS revenue,
    COALESCE(SUM(IF(payment_status = 'completed', amount, NULL)), 0) AS completed_revenue
  FROM lines
  GROUP BY region, state, country
),
regions AS (
  SELECT
    'region' AS level,
    region,
    CAST(NULL AS STRING) AS state,
    CAST(NULL AS STRING) AS country,
    SUM(orders) AS orders,
    SUM(revenue) AS revenue,
    SUM(completed_revenue) AS completed_revenue
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
    SUM(revenue) AS revenue,
    SUM(completed_revenue) AS completed_revenue
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
    SUM(revenue) AS revenue,
    SUM(completed_revenue) AS completed_revenue
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
    completed_revenue,
    ROW_NUMBER() OVER (
      PARTITION BY level
      ORDER BY IF(@rank_by = 'completed_revenue', completed_revenue, revenue) DESC, country, state, region
    ) AS place
  FROM levels
)
SELECT level, region, state, country, orders, revenue, completed_revenue
FROM ranked
WHERE place <= @page_size
ORDER BY level, place;
