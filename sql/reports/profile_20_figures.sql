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
  -- @include shop_cells
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
