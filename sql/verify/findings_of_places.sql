-- Grain: one row per order whose state or country ref_places does not know, without a finding that says so.
-- Orders that were restored were looked at when they first came.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH orders AS (
  SELECT
    f.order_id,
    f.record_index,
    l.file_id,
    l.landing_name,
    l.parse_id,
    UPPER(REGEXP_REPLACE(COALESCE(f.state, ''), r'[^\pL\pN]', '')) AS state_spelling,
    UPPER(REGEXP_REPLACE(COALESCE(f.country, ''), r'[^\pL\pN]', '')) AS country_spelling
  FROM fact_orders AS f
  JOIN file_ledger AS l ON l.file_id = f.file_id AND l.loaded_at = f.loaded_at
  WHERE f.line_number = 1 AND COALESCE(f.street, f.city, f.state, f.zipcode, f.country) IS NOT NULL
),

spelt AS (
  SELECT DISTINCT o.state_spelling, o.country_spelling
  FROM orders AS o
),

unknown_places AS (
  SELECT s.state_spelling, s.country_spelling
  FROM spelt AS s
  LEFT JOIN ref_places AS c ON c.spelling = s.country_spelling AND c.state_code IS NULL
  LEFT JOIN ref_places AS us
    ON us.spelling = s.state_spelling AND us.state_code IS NOT NULL
    AND (c.country_code = 'US' OR s.country_spelling = '')
  GROUP BY s.state_spelling, s.country_spelling
  HAVING COUNT(us.state_code) = 0
    AND COUNTIF(c.country_code IS NOT NULL AND (c.country_code != 'US' OR s.state_spelling = '')) = 0
),

gathered AS (
  SELECT DISTINCT q.file_id
  FROM data_quality_checks AS q
  WHERE q.occurrences IS NOT NULL AND q.check_type = 'unknown_place'
)

SELECT
  CONCAT('order ', o.order_id, ': no finding says that its place is unknown, in record ', CAST(o.record_index AS STRING), ' of ', o.landing_name) AS detail
FROM orders AS o
JOIN unknown_places AS u ON u.state_spelling = o.state_spelling AND u.country_spelling = o.country_spelling
LEFT JOIN data_quality_checks AS q
  ON q.check_id = TO_HEX(MD5(CONCAT(o.parse_id, '/', CAST(o.record_index AS STRING), '/unknown_place')))
LEFT JOIN gathered AS g ON g.file_id = o.file_id
WHERE q.check_id IS NULL AND g.file_id IS NULL;
