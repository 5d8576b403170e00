-- Grain: one row per expectation of the shop's own file: how many records break it, or what was measured in its place, and the
-- ids of five that do. Row by row are judged not_null, unique, in, between, matches, references and at_most; as a whole rows,
-- filled, mean, sum and max_age_hours: how long before the end of the day the newest row was placed, or landed. What a value is
-- not there for breaks no rule but not_null. Of the orders and lines of the date, and of the catalogs as they are. On a day that
-- is not over the number of rows and the sum are only told, and so is what has no rows; but what has none is not fresh.
-- Run by the reporter's daily run, in the report's transaction, if there are expectations. It reads the facts of the day and
-- both catalogs.
-- @param report_date DATE
-- @param profile_dates ARRAY<DATE>
-- @param data_through TIMESTAMP
-- @param day_end TIMESTAMP
-- @param expectations ARRAY<STRUCT<position INT64, place INT64, other_place INT64, kind STRING, has_low BOOL, low NUMERIC, has_high BOOL, high NUMERIC, pattern STRING, severity STRING, table_name STRING, column_name STRING, expectation STRING>>
-- @param expected_values ARRAY<STRUCT<position INT64, word STRING>>
INSERT INTO audit (section_rank, place, section, check_name, table_name, subject, value, unit, expectation, status, examples)
WITH cells AS (
  -- @include shop_cells
  UNION ALL
  SELECT @report_date, p.product_id, 299, NULL, CAST(UNIX_SECONDS(p.landed_at) AS NUMERIC)
  FROM dim_products AS p
  UNION ALL
  SELECT @report_date, d.customer_id, 399, NULL, CAST(UNIX_SECONDS(d.landed_at) AS NUMERIC)
  FROM dim_customers AS d
),

rules AS (
  SELECT
    e.position, e.place, e.other_place, e.kind, e.has_low, e.low, e.has_high, e.high, e.pattern, e.severity, e.table_name, e.column_name, e.expectation
  FROM UNNEST(@expectations) AS e
),

allowed AS (
  SELECT DISTINCT a.position, a.word
  FROM UNNEST(@expected_values) AS a
),

named AS (
  SELECT DISTINCT c.place, c.word
  FROM cells AS c
  WHERE c.place IN (SELECT r.other_place FROM rules AS r WHERE r.kind = 'references')
),

others AS (
  SELECT c.place, c.row_id, c.number
  FROM cells AS c
  WHERE c.place IN (SELECT r.other_place FROM rules AS r WHERE r.kind = 'at_most') AND c.number IS NOT NULL
),

judged AS (
  SELECT
    r.position,
    c.row_id,
    c.number,
    c.number IS NOT NULL OR TRIM(COALESCE(c.word, '')) != '' AS is_filled,
    CASE r.kind
      WHEN 'not_null' THEN c.number IS NULL AND TRIM(COALESCE(c.word, '')) = ''
      WHEN 'unique' THEN (c.number IS NOT NULL OR TRIM(COALESCE(c.word, '')) != '') AND COUNT(*) OVER (PARTITION BY r.position, c.word, c.number) > 1
      WHEN 'in' THEN TRIM(COALESCE(c.word, '')) != '' AND a.word IS NULL
      WHEN 'between' THEN COALESCE(r.has_low AND c.number < r.low, FALSE) OR COALESCE(r.has_high AND c.number > r.high, FALSE)
      WHEN 'matches' THEN TRIM(COALESCE(c.word, '')) != '' AND NOT REGEXP_CONTAINS(c.word, r.pattern)
      WHEN 'references' THEN TRIM(COALESCE(c.word, '')) != '' AND n.word IS NULL
      WHEN 'at_most' THEN COALESCE(c.number > o.number, FALSE)
      ELSE FALSE
    END AS breaks
  FROM rules AS r
  JOIN cells AS c ON c.place = r.place
  LEFT JOIN allowed AS a ON a.position = r.position AND a.word = c.word
  LEFT JOIN named AS n ON r.kind = 'references' AND n.place = r.other_place AND n.word = c.word
  LEFT JOIN others AS o ON r.kind = 'at_most' AND o.place = r.other_place AND o.row_id = c.row_id
),

sums AS (
  SELECT
    j.position,
    COUNT(*) AS held,
    COUNTIF(j.is_filled) AS filled,
    SUM(j.number) AS in_sum,
    MAX(j.number) AS newest,
    COUNTIF(j.breaks) AS broken,
    ARRAY_AGG(IF(j.breaks, j.row_id, NULL) IGNORE NULLS ORDER BY j.row_id LIMIT 5) AS examples
  FROM judged AS j
  GROUP BY j.position
),

measured AS (
  SELECT
    r.position, r.kind, r.has_low, r.low, r.has_high, r.high, r.severity, r.table_name, r.column_name, r.expectation, s.examples,
    CASE r.kind
      WHEN 'rows' THEN CAST(COALESCE(s.held, 0) AS NUMERIC)
      WHEN 'filled' THEN ROUND(SAFE_DIVIDE(CAST(s.filled AS NUMERIC), s.held), 4)
      WHEN 'sum' THEN COALESCE(s.in_sum, NUMERIC '0')
      WHEN 'mean' THEN SAFE_DIVIDE(s.in_sum, s.filled)
      WHEN 'max_age_hours' THEN ROUND(CAST(GREATEST(UNIX_SECONDS(@data_through) - CAST(s.newest AS INT64), 0) AS NUMERIC) / 3600, 2)
      ELSE CAST(COALESCE(s.broken, 0) AS NUMERIC)
    END AS value
  FROM rules AS r
  LEFT JOIN sums AS s ON s.position = r.position
)

SELECT
  9,
  m.position,
  'expectations',
  m.kind,
  m.table_name,
  m.column_name,
  COALESCE(m.value, NUMERIC '0'),
  CASE WHEN m.kind = 'filled' THEN 'share' WHEN m.kind IN ('sum', 'mean') THEN 'amount' WHEN m.kind = 'max_age_hours' AND m.value IS NOT NULL THEN 'hours' ELSE 'count' END,
  m.expectation,
  CASE
    WHEN m.kind = 'max_age_hours' AND m.value IS NULL THEN m.severity
    WHEN m.value IS NULL OR m.kind IN ('rows', 'sum') AND @data_through < @day_end THEN 'info'
    WHEN m.kind IN ('rows', 'filled', 'sum', 'mean', 'max_age_hours') AND (m.has_low AND m.value < m.low OR m.has_high AND m.value > m.high) THEN m.severity
    WHEN m.kind NOT IN ('rows', 'filled', 'sum', 'mean', 'max_age_hours') AND m.value > 0 THEN m.severity
    ELSE 'ok'
  END,
  IF(COALESCE(ARRAY_LENGTH(m.examples), 0) = 0, NULL, TO_JSON_STRING(m.examples))
FROM measured AS m;
