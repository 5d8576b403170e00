-- Grain: one row per measure: orders and revenue of the report date and files that landed on it, held
-- against the median of the same weekday in the 8 weeks before. Expected is what lies no further from
-- it than 4.4478 median distances (three standard deviations of a normal distribution) or a quarter of it, whichever is more.
-- A day that is not over, or less than 4 weeks of history, is only told.
-- Run by the reporter's daily run, in the report's transaction. It reads the hours of 57 days and the ledger.
-- @param report_date DATE
-- @param data_through TIMESTAMP
-- @param day_end TIMESTAMP
-- @param weekdays ARRAY<STRUCT<days_before INT64, day_start TIMESTAMP, day_end TIMESTAMP>>
INSERT INTO audit (section_rank, place, section, check_name, table_name, subject, value, unit, expectation, status)
WITH hours AS (
  SELECT COALESCE(a.order_date, DATE(a.metric_hour)) AS day, SUM(a.total_orders) AS orders, SUM(a.total_revenue) AS revenue
  FROM agg_hourly_metrics AS a
  WHERE
    -- Partitions are days of UTC; a day of the shop's clock lies in two of them.
    a.metric_hour >= TIMESTAMP(DATE_SUB(@report_date, INTERVAL 57 DAY)) AND a.metric_hour < TIMESTAMP(DATE_ADD(@report_date, INTERVAL 2 DAY))
    AND COALESCE(a.order_date, DATE(a.metric_hour)) BETWEEN DATE_SUB(@report_date, INTERVAL 56 DAY) AND @report_date
  GROUP BY day
),

files AS (
  SELECT DATE_SUB(@report_date, INTERVAL w.days_before DAY) AS day, l.kind, COUNT(*) AS files
  FROM file_ledger AS l
  CROSS JOIN UNNEST(@weekdays) AS w
  WHERE l.landed_at < @data_through AND l.landed_at >= w.day_start AND l.landed_at < w.day_end
  GROUP BY day, l.kind
  UNION ALL
  SELECT DISTINCT CAST(NULL AS DATE), l.kind, 0 -- a kind that landed on another day only
  FROM file_ledger AS l
  WHERE l.landed_at < @data_through
),

seen AS (
  SELECT 1 AS place, 'orders' AS check_name, 'agg_hourly_metrics' AS table_name, CAST(NULL AS STRING) AS subject, 'count' AS unit, h.day, CAST(h.orders AS NUMERIC) AS value
  FROM hours AS h
  UNION ALL
  SELECT 2, 'revenue', 'agg_hourly_metrics', CAST(NULL AS STRING), 'amount', h.day, h.revenue
  FROM hours AS h
  UNION ALL
  SELECT IF(f.kind = 'orders', 3, IF(f.kind = 'products', 4, 5)), 'files', 'file_ledger', f.kind, 'count', f.day, CAST(f.files AS NUMERIC)
  FROM files AS f
  WHERE f.kind IN ('orders', 'products', 'customers')
),

-- The history of a measure begins with its first day, from when on a day without it counts as 0.
firsts AS (
  SELECT 'agg_hourly_metrics' AS table_name, MIN(COALESCE(a.order_date, DATE(a.metric_hour))) AS first_day
  FROM agg_hourly_metrics AS a
  WHERE a.metric_hour < TIMESTAMP(DATE_ADD(@report_date, INTERVAL 2 DAY)) AND COALESCE(a.order_date, DATE(a.metric_hour)) <= @report_date
  UNION ALL
  SELECT 'file_ledger', MIN(DATE_SUB(@report_date, INTERVAL w.days_before DAY))
  FROM (SELECT MIN(l.landed_at) AS landed_at FROM file_ledger AS l WHERE l.landed_at < @data_through) AS oldest
  CROSS JOIN UNNEST(@weekdays) AS w
  WHERE w.day_end > oldest.landed_at
),

measures AS (
  SELECT DISTINCT s.place, s.check_name, s.table_name, s.subject, s.unit
  FROM seen AS s
),

days AS (
  SELECT
    m.*,
    days_before,
    COALESCE(s.value, NUMERIC '0') AS value
  FROM measures AS m
  JOIN firsts AS f ON f.table_name = m.table_name
  CROSS JOIN UNNEST([0, 7, 14, 21, 28, 35, 42, 49, 56]) AS days_before
  LEFT JOIN seen AS s ON s.place = m.place AND s.day = DATE_SUB(@report_date, INTERVAL days_before DAY)
  WHERE days_before = 0 OR DATE_SUB(@report_date, INTERVAL days_before DAY) >= f.first_day
),

weekdays AS (
  SELECT d.place, COUNT(*) AS weeks, ARRAY_AGG(d.value ORDER BY d.value) AS counted
  FROM days AS d
  WHERE d.days_before > 0
  GROUP BY d.place
),

medians AS (
  SELECT w.*, (w.counted[OFFSET(DIV(w.weeks - 1, 2))] + w.counted[OFFSET(DIV(w.weeks, 2))]) / 2 AS expected
  FROM weekdays AS w
  WHERE w.weeks >= 4
),

distances AS (
  SELECT m.place, m.weeks, m.expected, ARRAY_AGG(ABS(value - m.expected) ORDER BY ABS(value - m.expected)) AS distances
  FROM medians AS m
  CROSS JOIN UNNEST(m.counted) AS value
  GROUP BY m.place, m.weeks, m.expected
),

tolerances AS (
  SELECT
    d.place,
    d.expected,
    GREATEST(
      NUMERIC '4.4478' * ((d.distances[OFFSET(DIV(d.weeks - 1, 2))] + d.distances[OFFSET(DIV(d.weeks, 2))]) / 2),
      NUMERIC '0.25' * d.expected
    ) AS tolerance
  FROM distances AS d
)

SELECT
  6,
  d.place,
  'volume',
  d.check_name,
  d.table_name,
  d.subject,
  d.value,
  d.unit,
  CONCAT(
    'from ', CAST(ROUND(GREATEST(t.expected - t.tolerance, 0), 2) AS STRING),
    ' to ', CAST(ROUND(t.expected + t.tolerance, 2) AS STRING)
  ),
  CASE
    WHEN t.place IS NULL OR @data_through < @day_end THEN 'info'
    WHEN ABS(d.value - t.expected) > t.tolerance THEN 'warning'
    ELSE 'ok'
  END
FROM days AS d
LEFT JOIN tolerances AS t ON t.place = d.place
WHERE d.days_before = 0;
