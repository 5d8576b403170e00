-- Grain: one row per order whose region is not that of its state or country by ref_places and ref_regions, as
-- the loading has it.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH spelt AS (
  SELECT
    a.state,
    a.country,
    UPPER(REGEXP_REPLACE(a.state, r'[^\pL\pN]', '')) AS state_spelling,
    UPPER(REGEXP_REPLACE(a.country, r'[^\pL\pN]', '')) AS country_spelling
  FROM (SELECT DISTINCT COALESCE(f.state, '') AS state, COALESCE(f.country, '') AS country FROM fact_orders AS f) AS a
),

places AS (
  SELECT
    s.state,
    s.country,
    CASE
      WHEN r.region IS NOT NULL THEN r.region
      WHEN us.state_code IS NOT NULL THEN 'USA'
      ELSE COALESCE(c.name, NULLIF(TRIM(s.country), ''), 'unknown')
    END AS region
  FROM spelt AS s
  LEFT JOIN ref_places AS c ON c.spelling = s.country_spelling AND c.state_code IS NULL
  LEFT JOIN ref_places AS us
    ON us.spelling = s.state_spelling AND us.state_code IS NOT NULL
    AND (c.country_code = 'US' OR s.country_spelling = '')
  LEFT JOIN ref_regions AS r ON r.state = us.state_code
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY s.state, s.country ORDER BY c.country_code, us.state_code, r.region) = 1
),

wanted AS (
  SELECT
    f.order_id,
    f.line_number,
    f.region,
    IF(COALESCE(f.street, f.city, f.state, f.zipcode, f.country) IS NULL, 'none', p.region) AS want,
    f.state,
    f.country
  FROM fact_orders AS f
  JOIN places AS p ON p.state = COALESCE(f.state, '') AND p.country = COALESCE(f.country, '')
)

SELECT
  CONCAT(
    'order ', w.order_id, ' line ', CAST(w.line_number AS STRING), ': region is ', w.region, ', the state ', COALESCE(w.state, 'NULL'),
    ' and the country ', COALESCE(w.country, 'NULL'), ' give ', w.want
  ) AS detail
FROM wanted AS w
WHERE w.region != w.want;
