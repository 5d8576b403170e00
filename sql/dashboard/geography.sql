-- Orders and revenue by place in a period, at three levels, highest revenue first.
-- Grain: one row per level (region, state, country) and place; a state belongs
-- to its country. The spellings of the United States are one country, USA, and its
-- states are in capitals, so that a state is one row however it was written.
-- At most page_size places per level; the two-letter states of the USA count apart,
-- so that no other place takes the room of one. An order counts once,
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
spelt AS (
  SELECT *, UPPER(TRIM(country)) IN ('US', 'USA', 'UNITED STATES', 'UNITED STATES OF AMERICA') AS in_usa
  FROM places
),
named AS (
  SELECT
    region,
    IF(in_usa, UPPER(TRIM(state)), state) AS state,
    IF(in_usa, 'USA', country) AS country,
    orders,
    revenue,
    completed_revenue
  FROM spelt
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
  FROM named
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
  FROM named
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
  FROM named
  GROUP BY country
),
levels AS (
  SELECT * FROM regions
  UNION ALL
  SELECT * FROM states
  UNION ALL
  SELECT * FROM countries
),
rated AS (
  SELECT
    *,
    IF(@rank_by = 'completed_revenue', completed_revenue, revenue) AS rating,
    IFNULL(level = 'state' AND country = 'USA' AND REGEXP_CONTAINS(state, r'^[A-Z]{2}$'), FALSE) AS is_usa_state
  FROM levels
),
ranked AS (
  SELECT
    *,
    ROW_NUMBER() OVER (
      PARTITION BY level, is_usa_state
      ORDER BY rating DESC, country, state, region
    ) AS place
  FROM rated
)
SELECT level, region, state, country, orders, revenue, completed_revenue
FROM ranked
WHERE place <= @page_size
ORDER BY level, rating DESC, country, state, region;
