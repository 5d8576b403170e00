-- The places of three levels by revenue, highest first, out of what each spelling of them comes to.
spelt AS (
  SELECT
    *,
    UPPER(REGEXP_REPLACE(COALESCE(state, ''), r'[^\pL\pN]', '')) AS state_spelling,
    UPPER(REGEXP_REPLACE(COALESCE(country, ''), r'[^\pL\pN]', '')) AS country_spelling
  FROM places
),
spellings AS (
  SELECT spelling, MIN(name) AS country, MIN(country_code) AS country_code
  FROM ref_places
  WHERE state_code IS NULL
  GROUP BY spelling
),
state_spellings AS (
  SELECT spelling, MIN(state_code) AS state_code
  FROM ref_places
  WHERE state_code IS NOT NULL
  GROUP BY spelling
),
named AS (
  SELECT
    s.region,
    COALESCE(us.state_code, IF(c.country_code = 'US', UPPER(TRIM(s.state)), s.state)) AS state,
    IF(us.state_code IS NOT NULL OR c.country_code = 'US', 'USA', COALESCE(c.country, s.country)) AS country,
    s.orders,
    s.revenue,
    s.total_revenue,
    s.completed_revenue
  FROM spelt AS s
  LEFT JOIN spellings AS c ON c.spelling = s.country_spelling
  LEFT JOIN state_spellings AS us
    ON us.spelling = s.state_spelling AND (c.country_code = 'US' OR s.country_spelling = '')
),
regions AS (
  SELECT
    'region' AS level,
    region,
    CAST(NULL AS STRING) AS state,
    CAST(NULL AS STRING) AS country,
    SUM(orders) AS orders,
    SUM(revenue) AS revenue,
    SUM(total_revenue) AS total_revenue,
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
    SUM(total_revenue) AS total_revenue,
    SUM(completed_revenue) AS completed_revenue
  FROM named
  WHERE state IS NOT NULL OR country IS NOT NULL
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
    SUM(total_revenue) AS total_revenue,
    SUM(completed_revenue) AS completed_revenue
  FROM named
  WHERE country IS NOT NULL
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
    CASE @rank_by WHEN 'completed_revenue' THEN completed_revenue WHEN 'total_revenue' THEN total_revenue ELSE revenue END AS rating,
    IFNULL(level = 'state' AND country = 'USA' AND REGEXP_CONTAINS(state, r'^[A-Z]{2}$'), FALSE) AS is_usa_state
  FROM levels
),
ranked AS (
  SELECT
    *,
    ROW_NUMBER() OVER (
      PARTITION BY level, is_usa_state
      ORDER BY rating DESC, country, state, region
    ) AS place,
    COUNT(*) OVER (PARTITION BY level) AS all_entries,
    SUM(orders) OVER (PARTITION BY level) AS all_orders,
    SUM(revenue) OVER (PARTITION BY level) AS all_revenue,
    SUM(total_revenue) OVER (PARTITION BY level) AS all_total_revenue,
    SUM(completed_revenue) OVER (PARTITION BY level) AS all_completed_revenue
  FROM rated
)
SELECT
  level, region, state, country, orders, revenue, total_revenue, completed_revenue,
  all_entries, all_orders, all_revenue, all_total_revenue, all_completed_revenue
FROM ranked
WHERE place <= @page_size
ORDER BY level, rating DESC, country, state, region
