-- Grain: one row per date and column: what the column holds, beside the same weekdays of the four weeks before.
-- A figure is unusual if there are three such days or more with rows, and it lies further from their median than twice the
-- farthest of them, and than a floor: a quarter of the median (rows, means, and different values both in their number and for
-- each filled row), 2 points (share of filled rows) or 10 points (share of a value). A value is new if a hundredth of the filled
-- rows, 3 at least, have it and none of these days had it, and gone the other way round; values are compared where the list of
-- ten held all of them, each day. With fewer than 30 rows on the date, or of values 30 filled ones, only the number of rows is judged,
-- and on a day that is not over nothing is.
-- Run by the reporter's daily run, in the report's transaction. It reads the reports of four days.
-- @param report_date DATE
-- @param profile_dates ARRAY<DATE>
-- @param compared_dates ARRAY<DATE>
-- @param data_through TIMESTAMP
-- @param day_end TIMESTAMP
INSERT INTO report_profile (
  report_date, position, table_name, column_name, data_type, is_personal, row_count, filled, filled_share, distinct_values,
  smallest, p05, p25, p50, p75, p95, largest, mean, top_values,
  compared_days, usual_rows, usual_filled_share, usual_distinct_values, usual_mean, unusual
)
WITH described AS (
  SELECT d.place, d.table_name, d.column_name, d.data_type, d.is_personal
  FROM UNNEST([
    STRUCT(1 AS place, 'orders' AS table_name, 'order_id' AS column_name, 'text' AS data_type, FALSE AS is_personal),
    (2, 'orders', 'customer_id', 'text', TRUE),
    (3, 'orders', 'customer_tier', 'text', FALSE),
    (4, 'orders', 'order_timestamp', 'time', FALSE),
    (5, 'orders', 'order_hour', 'number', FALSE),
    (6, 'orders', 'utc_offset_seconds', 'number', FALSE),
    (7, 'orders', 'total_amount', 'number', FALSE),
    (8, 'orders', 'currency', 'text', FALSE),
    (9, 'orders', 'payment_status', 'text', FALSE),
    (10, 'orders', 'payment_status_text', 'text', FALSE),
    (11, 'orders', 'tax_amount', 'number', FALSE),
    (12, 'orders', 'tax_included', 'flag', FALSE),
    (13, 'orders', 'shipping_amount', 'number', FALSE),
    (14, 'orders', 'discount_amount', 'number', FALSE),
    (15, 'orders', 'refunded_amount', 'number', FALSE),
    (16, 'orders', 'street', 'text', TRUE),
    (17, 'orders', 'city', 'text', TRUE),
    (18, 'orders', 'state', 'text', FALSE),
    (19, 'orders', 'zipcode', 'text', TRUE),
    (20, 'orders', 'country', 'text', FALSE),
    (21, 'orders', 'region', 'text', FALSE),
    (22, 'orders', 'updated_at', 'time', FALSE),
    (101, 'lines', 'line_number', 'number', FALSE),
    (102, 'lines', 'product_id', 'text', FALSE),
    (103, 'lines', 'product_name', 'text', FALSE),
    (104, 'lines', 'category', 'text', FALSE),
    (105, 'lines', 'quantity', 'number', FALSE),
    (106, 'lines', 'unit_price', 'number', FALSE),
    (107, 'lines', 'line_discount_amount', 'number', FALSE),
    (108, 'lines', 'line_total', 'number', FALSE),
    (201, 'products', 'product_id', 'text', FALSE),
    (202, 'products', 'product_name', 'text', FALSE),
    (203, 'products', 'category', 'text', FALSE),
    (204, 'products', 'price', 'number', FALSE),
    (205, 'products', 'stock_level', 'number', FALSE),
    (206, 'products', 'is_active', 'flag', FALSE),
    (301, 'customers', 'customer_id', 'text', TRUE),
    (302, 'customers', 'name', 'text', TRUE),
    (303, 'customers', 'email', 'text', TRUE),
    (304, 'customers', 'registration_date', 'date', FALSE),
    (305, 'customers', 'customer_tier', 'text', FALSE),
    (306, 'customers', 'is_active', 'flag', FALSE)
  ]) AS d
),

figures AS (
  SELECT
    f.day,
    f.place,
    f.row_count,
    f.filled,
    ROUND(CAST(f.filled AS NUMERIC) / f.row_count, 4) AS filled_share,
    f.distinct_values,
    IF(d.data_type = 'number', ROUND(SAFE_DIVIDE(f.in_sum, f.filled), 4), NULL) AS mean,
    COALESCE(ARRAY_LENGTH(f.top_values), 0) = f.distinct_values AS is_whole
  FROM profile_figures AS f
  JOIN described AS d ON d.place = f.place
),

stored AS (
  SELECT
    r.report_date AS day, d.place, r.row_count, r.filled, r.filled_share, r.distinct_values, r.mean,
    COALESCE(r.top_values, '[]') AS top_values
  FROM report_profile AS r
  JOIN described AS d ON d.table_name = r.table_name AND d.column_name = r.column_name
  WHERE r.report_date IN UNNEST(@compared_dates) AND r.report_date NOT IN UNNEST(@profile_dates) AND r.row_count > 0
),

known_values AS (
  SELECT f.day, f.place, t.word, t.occurrences
  FROM profile_figures AS f
  CROSS JOIN UNNEST(f.top_values) AS t
  UNION ALL
  SELECT s.day, s.place, JSON_VALUE(t, '$.value'), CAST(JSON_VALUE(t, '$.occurrences') AS INT64)
  FROM stored AS s
  CROSS JOIN UNNEST(JSON_QUERY_ARRAY(s.top_values, '$')) AS t
  WHERE JSON_VALUE(t, '$.occurrences') != '0'
),

stored_lists AS (
  SELECT v.day, v.place, COUNT(*) AS listed
  FROM known_values AS v
  GROUP BY v.day, v.place
),

earlier AS (
  SELECT f.day, f.place, f.row_count, f.filled, f.filled_share, f.distinct_values, f.mean, f.is_whole
  FROM figures AS f
  WHERE f.day != @report_date
  UNION ALL
  SELECT s.day, s.place, s.row_count, s.filled, s.filled_share, s.distinct_values, s.mean, COALESCE(l.listed, 0) = s.distinct_values
  FROM stored AS s
  LEFT JOIN stored_lists AS l ON l.day = s.day AND l.place = s.place
),

sorted AS (
  SELECT
    e.place,
    COUNT(*) AS days,
    LOGICAL_AND(e.is_whole) AS is_whole,
    ARRAY_AGG(e.row_count ORDER BY e.row_count) AS row_counts,
    ARRAY_AGG(e.filled_share ORDER BY e.filled_share) AS filled_shares,
    ARRAY_AGG(e.distinct_values ORDER BY e.distinct_values) AS distincts,
    ARRAY_AGG(COALESCE(SAFE_DIVIDE(CAST(e.distinct_values AS NUMERIC), e.filled), 0) ORDER BY COALESCE(SAFE_DIVIDE(CAST(e.distinct_values AS NUMERIC), e.filled), 0)) AS variety,
    ARRAY_AGG(e.mean IGNORE NULLS ORDER BY e.mean) AS means,
    COUNT(e.mean) AS with_mean
  FROM earlier AS e
  GROUP BY e.place
),

medians AS (
  SELECT
    s.place,
    s.days,
    s.is_whole,
    DIV(s.row_counts[OFFSET(DIV(s.days - 1, 2))] + s.row_counts[OFFSET(DIV(s.days, 2))], 2) AS row_count,
    ROUND((s.filled_shares[OFFSET(DIV(s.days - 1, 2))] + s.filled_shares[OFFSET(DIV(s.days, 2))]) / 2, 4) AS filled_share,
    DIV(s.distincts[OFFSET(DIV(s.days - 1, 2))] + s.distincts[OFFSET(DIV(s.days, 2))], 2) AS distinct_values,
    (s.variety[OFFSET(DIV(s.days - 1, 2))] + s.variety[OFFSET(DIV(s.days, 2))]) / 2 AS variety,
    IF(s.with_mean = s.days, ROUND((s.means[SAFE_OFFSET(DIV(s.days - 1, 2))] + s.means[SAFE_OFFSET(DIV(s.days, 2))]) / 2, 4), NULL) AS mean
  FROM sorted AS s
),

spreads AS (
  SELECT
    e.place,
    MAX(ABS(e.row_count - m.row_count)) AS row_count,
    MAX(ABS(e.filled_share - m.filled_share)) AS filled_share,
    MAX(ABS(e.distinct_values - m.distinct_values)) AS distinct_values,
    MAX(ABS(e.mean - m.mean)) AS mean
  FROM earlier AS e
  JOIN medians AS m ON m.place = e.place
  GROUP BY e.place
),

words AS (
  SELECT DISTINCT v.place, v.word
  FROM known_values AS v
  JOIN medians AS m ON m.place = v.place
  WHERE m.is_whole
),

word_days AS (
  SELECT w.place, w.word, COALESCE(SAFE_DIVIDE(CAST(v.occurrences AS NUMERIC), e.filled), 0) AS share
  FROM words AS w
  JOIN earlier AS e ON e.place = w.place
  LEFT JOIN known_values AS v ON v.day = e.day AND v.place = w.place AND v.word = w.word
),

sorted_words AS (
  SELECT
    d.place, d.word, COUNT(*) AS days, MIN(d.share) AS fewest, MAX(d.share) AS most,
    ARRAY_AGG(d.share ORDER BY d.share) AS shares
  FROM word_days AS d
  GROUP BY d.place, d.word
),

usual_words AS (
  SELECT
    s.place, s.word, s.days, s.fewest, s.most,
    (s.shares[OFFSET(DIV(s.days - 1, 2))] + s.shares[OFFSET(DIV(s.days, 2))]) / 2 AS share
  FROM sorted_words AS s
),

todays_words AS (
  SELECT f.place, t.word, t.occurrences, rank, CAST(t.occurrences AS NUMERIC) / f.filled AS share
  FROM profile_figures AS f
  CROSS JOIN UNNEST(f.top_values) AS t WITH OFFSET AS rank
  WHERE f.day = @report_date
),

-- Where today's list is not whole, nothing is known to be gone, and no share to be another.
words_beside AS (
  SELECT
    COALESCE(t.place, u.place) AS place,
    COALESCE(t.word, u.word) AS word,
    COALESCE(t.occurrences, 0) AS occurrences,
    COALESCE(t.rank, 1000) AS rank,
    IF(f.is_whole, ROUND(u.share, 4), NULL) AS usual_share,
    CASE
      WHEN @data_through < @day_end OR NOT f.is_whole OR f.filled < 30 OR COALESCE(m.days, 0) < 3 OR NOT m.is_whole THEN NULL
      WHEN COALESCE(u.most, 0) = 0 AND t.occurrences >= 3 AND t.share >= NUMERIC '0.01' THEN 'new'
      WHEN t.word IS NULL AND u.fewest >= NUMERIC '0.01' THEN 'gone'
      WHEN COALESCE(t.share, 0) - u.share > GREATEST(NUMERIC '0.1', 2 * (u.most - u.share), 2 * (u.share - u.fewest)) THEN 'more'
      WHEN u.share - COALESCE(t.share, 0) > GREATEST(NUMERIC '0.1', 2 * (u.most - u.share), 2 * (u.share - u.fewest)) THEN 'less'
    END AS change
  FROM todays_words AS t
  FULL JOIN usual_words AS u ON u.place = t.place AND u.word = t.word
  JOIN figures AS f ON f.day = @report_date AND f.place = COALESCE(t.place, u.place)
  LEFT JOIN medians AS m ON m.place = COALESCE(t.place, u.place)
),

lists AS (
  SELECT
    b.place,
    MAX(b.occurrences) AS most,
    LOGICAL_OR(b.change IS NOT NULL) AS is_unusual,
    TO_JSON_STRING(ARRAY_AGG(STRUCT(b.word AS value, b.occurrences AS occurrences, CAST(b.usual_share AS STRING) AS usual_share, b.change AS change) ORDER BY b.rank, b.word)) AS top_values
  FROM words_beside AS b
  WHERE b.occurrences > 0 OR b.change = 'gone'
  GROUP BY b.place
),

numbers AS (
  SELECT
    f.place,
    n.rank,
    CASE d.data_type
      WHEN 'date' THEN CAST(DATE_FROM_UNIX_DATE(CAST(n.number AS INT64)) AS STRING)
      WHEN 'time' THEN FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%SZ', TIMESTAMP_SECONDS(CAST(n.number AS INT64)))
      ELSE CAST(n.number AS STRING)
    END AS shown
  FROM profile_figures AS f
  JOIN described AS d ON d.place = f.place
  CROSS JOIN UNNEST([STRUCT(0 AS rank, f.smallest AS number), (5, f.p05), (25, f.p25), (50, f.p50), (75, f.p75), (95, f.p95), (100, f.largest)]) AS n
  WHERE f.day = @report_date
),

texts AS (
  SELECT
    n.place,
    MAX(IF(n.rank = 0, n.shown, NULL)) AS smallest,
    MAX(IF(n.rank = 5, n.shown, NULL)) AS p05,
    MAX(IF(n.rank = 25, n.shown, NULL)) AS p25,
    MAX(IF(n.rank = 50, n.shown, NULL)) AS p50,
    MAX(IF(n.rank = 75, n.shown, NULL)) AS p75,
    MAX(IF(n.rank = 95, n.shown, NULL)) AS p95,
    MAX(IF(n.rank = 100, n.shown, NULL)) AS largest
  FROM numbers AS n
  GROUP BY n.place
),

verdicts AS (
  SELECT
    d.place,
    m.days >= 3 AND @data_through >= @day_end AS is_compared,
    MOD(d.place, 100) = 1 AND 4 * ABS(COALESCE(f.row_count, 0) - m.row_count) > GREATEST(m.row_count, 8 * s.row_count) AS rows_differ,
    f.row_count >= 30 AND ABS(f.filled_share - m.filled_share) > GREATEST(NUMERIC '0.02', 2 * s.filled_share) AS filled_differs,
    f.row_count >= 30 AND 4 * ABS(f.distinct_values - m.distinct_values) > GREATEST(m.distinct_values, 8 * s.distinct_values, 20)
    AND ABS(SAFE_DIVIDE(CAST(f.distinct_values AS NUMERIC), f.filled) - m.variety) > m.variety / 4 AS distinct_differs,
    f.row_count >= 30 AND ABS(f.mean - m.mean) > GREATEST(ABS(m.mean) / 4, 2 * s.mean) AS mean_differs
  FROM described AS d
  JOIN medians AS m ON m.place = d.place
  JOIN spreads AS s ON s.place = d.place
  LEFT JOIN figures AS f ON f.day = @report_date AND f.place = d.place
)

SELECT
  @report_date,
  ROW_NUMBER() OVER (ORDER BY d.place),
  d.table_name,
  d.column_name,
  d.data_type,
  d.is_personal,
  COALESCE(f.row_count, 0),
  COALESCE(f.filled, 0),
  f.filled_share,
  COALESCE(f.distinct_values, 0),
  CASE WHEN d.is_personal THEN NULL WHEN d.data_type IN ('text', 'flag') THEN IF(LENGTH(g.first_word) > 120, CONCAT(SUBSTR(g.first_word, 1, 119), '…'), g.first_word) ELSE x.smallest END,
  x.p05,
  x.p25,
  x.p50,
  x.p75,
  x.p95,
  CASE WHEN d.is_personal THEN NULL WHEN d.data_type IN ('text', 'flag') THEN IF(LENGTH(g.last_word) > 120, CONCAT(SUBSTR(g.last_word, 1, 119), '…'), g.last_word) ELSE x.largest END,
  f.mean,
  IF(d.is_personal OR d.data_type IN ('date', 'time') OR l.most = 1 AND f.distinct_values > 10, NULL, l.top_values),
  COALESCE(m.days, 0),
  m.row_count,
  m.filled_share,
  m.distinct_values,
  m.mean,
  IF(
    v.is_compared,
    NULLIF(
      TRIM(
        CONCAT(
          IF(v.rows_differ, 'rows ', ''),
          IF(v.filled_differs, 'filled ', ''),
          IF(v.distinct_differs, 'distinct ', ''),
          IF(v.mean_differs, 'mean ', ''),
          IF(l.is_unusual AND NOT d.is_personal AND d.data_type NOT IN ('date', 'time'), 'values', '')
        )
      ),
      ''
    ),
    NULL
  )
FROM described AS d
LEFT JOIN figures AS f ON f.day = @report_date AND f.place = d.place
LEFT JOIN profile_figures AS g ON g.day = @report_date AND g.place = d.place
LEFT JOIN medians AS m ON m.place = d.place
LEFT JOIN texts AS x ON x.place = d.place
LEFT JOIN lists AS l ON l.place = d.place
LEFT JOIN verdicts AS v ON v.place = d.place;
