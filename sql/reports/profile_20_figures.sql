-- Grain: one row per day and column with rows, by its place in the report: what the column holds. Of the report date, and of
-- those of the compared days that have no report to compare with; of the catalogs as they are, under the report date.
-- Each table is read once, and each column's values are counted before anything else: so all is exact, and the bytes are those
-- of the columns. A number, a date (days since 1970) and a time (seconds since 1970) are numbers here. A value that looks like
-- an e-mail address or a telephone number is counted, and not kept.
-- Run by the reporter's daily run, in the report's transaction. It reads the facts of those days, and both catalogs.
-- @param report_date DATE
-- @param profile_dates ARRAY<DATE>
CREATE TEMP TABLE profile_figures AS
WITH cells AS (
  SELECT f.order_date AS day, c.place, c.word, c.number
  FROM fact_orders AS f
  CROSS JOIN UNNEST([
    STRUCT(1 AS place, f.order_id AS word, CAST(NULL AS NUMERIC) AS number),
    (2, f.customer_id, NULL),
    (3, f.customer_tier, NULL),
    (4, NULL, CAST(UNIX_SECONDS(f.order_timestamp) AS NUMERIC)),
    (5, NULL, CAST(f.order_hour AS NUMERIC)),
    (6, NULL, CAST(f.utc_offset_seconds AS NUMERIC)),
    (7, NULL, f.total_amount),
    (8, f.currency, NULL),
    (9, f.payment_status, NULL),
    (10, f.payment_status_text, NULL),
    (11, NULL, f.tax_amount),
    (12, CAST(f.tax_included AS STRING), NULL),
    (13, NULL, f.shipping_amount),
    (14, NULL, f.discount_amount),
    (15, NULL, f.refunded_amount),
    (16, f.street, NULL),
    (17, f.city, NULL),
    (18, f.state, NULL),
    (19, f.zipcode, NULL),
    (20, f.country, NULL),
    (21, f.region, NULL),
    (22, NULL, CAST(UNIX_SECONDS(f.updated_at) AS NUMERIC))
  ]) AS c
  WHERE f.order_date IN UNNEST(@profile_dates) AND f.line_number = 1
  UNION ALL
  SELECT f.order_date, c.place, c.word, c.number
  FROM fact_orders AS f
  CROSS JOIN UNNEST([
    STRUCT(101 AS place, CAST(NULL AS STRING) AS word, CAST(f.line_number AS NUMERIC) AS number),
    (102, f.product_id, NULL),
    (103, f.product_name, NULL),
    (104, f.category, NULL),
    (105, NULL, CAST(f.quantity AS NUMERIC)),
    (106, NULL, f.unit_price),
    (107, NULL, f.line_discount_amount),
    (108, NULL, f.line_total)
  ]) AS c
  WHERE f.order_date IN UNNEST(@profile_dates)
  UNION ALL
  SELECT @report_date, c.place, c.word, c.number
  FROM dim_products AS p
  CROSS JOIN UNNEST([
    STRUCT(201 AS place, p.product_id AS word, CAST(NULL AS NUMERIC) AS number),
    (202, p.product_name, NULL),
    (203, p.category, NULL),
    (204, NULL, p.price),
    (205, NULL, CAST(p.stock_level AS NUMERIC)),
    (206, CAST(p.is_active AS STRING), NULL)
  ]) AS c
  UNION ALL
  SELECT @report_date, c.place, c.word, c.number
  FROM dim_customers AS d
  CROSS JOIN UNNEST([
    STRUCT(301 AS place, d.customer_id AS word, CAST(NULL AS NUMERIC) AS number),
    (302, d.name, NULL),
    (303, d.email, NULL),
    (304, NULL, CAST(UNIX_DATE(d.registration_date) AS NUMERIC)),
    (305, d.customer_tier, NULL),
    (306, CAST(d.is_active AS STRING), NULL)
  ]) AS c
),

counted AS (
  SELECT
    c.day,
    c.place,
    IF(TRIM(c.word) = '', NULL, c.word) AS word,
    c.number,
    COUNT(*) AS occurrences
  FROM cells AS c
  GROUP BY c.day, c.place, word, c.number
),

-- Words stand each in a partition of its own: what is in no order needs no sorting.
ranked AS (
  SELECT
    c.day,
    c.place,
    c.word,
    c.number,
    c.occurrences,
    c.word IS NOT NULL OR c.number IS NOT NULL AS is_filled,
    NOT REGEXP_CONTAINS(COALESCE(c.word, ''), r'[^\s@]@[^\s@]+\.[^\s@]|^\s*\+[0-9 ()/.-]{7,}') AS is_shown,
    SUM(c.occurrences) OVER (
      PARTITION BY c.day, c.place, c.number IS NULL, IF(c.number IS NULL, c.word, NULL)
      ORDER BY c.number
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS up_to,
    SUM(c.occurrences) OVER (PARTITION BY c.day, c.place, c.number IS NULL, IF(c.number IS NULL, c.word, NULL)) AS in_all
  FROM counted AS c
)

SELECT
  r.day,
  r.place,
  SUM(r.occurrences) AS row_count,
  SUM(IF(r.is_filled, r.occurrences, 0)) AS filled,
  COUNTIF(r.is_filled) AS distinct_values,
  MIN(IF(r.is_shown, r.word, NULL)) AS first_word,
  MAX(IF(r.is_shown, r.word, NULL)) AS last_word,
  MIN(r.number) AS smallest,
  MIN(IF(r.up_to * 20 >= r.in_all, r.number, NULL)) AS p05,
  MIN(IF(r.up_to * 4 >= r.in_all, r.number, NULL)) AS p25,
  MIN(IF(r.up_to * 2 >= r.in_all, r.number, NULL)) AS p50,
  MIN(IF(r.up_to * 4 >= r.in_all * 3, r.number, NULL)) AS p75,
  MIN(IF(r.up_to * 20 >= r.in_all * 19, r.number, NULL)) AS p95,
  MAX(r.number) AS largest,
  SUM(r.number * r.occurrences) AS in_sum,
  ARRAY_AGG(
    IF(
      r.is_filled AND r.is_shown,
      STRUCT(COALESCE(IF(LENGTH(r.word) > 120, CONCAT(SUBSTR(r.word, 1, 119), '…'), r.word), CAST(r.number AS STRING)) AS word, r.occurrences AS occurrences),
      NULL
    )
    IGNORE NULLS
    ORDER BY r.occurrences DESC, r.word, r.number
    LIMIT 10
  ) AS top_values
FROM ranked AS r
GROUP BY r.day, r.place;
