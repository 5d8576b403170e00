-- Grain: one row per kind of file that must come: how many ever landed, and how old the newest is;
-- how old the newest load and the newest hour with orders are; and how many orders the day holds, how many
-- of them landed after it was over, and how long after it the last did.
-- Ages count to the end of the report date, or to the run if the day is not over; what had not begun to
-- land by then, as on a day that was loaded later, has none.
-- Run by the reporter's daily run, in the report's transaction. It reads the ledger, a column of the hours
-- and two of the day's order_keys.
-- @param report_date DATE
-- @param day_end TIMESTAMP
-- @param data_through TIMESTAMP
-- @param orders_max_age_hours INT64
-- @param catalogs_max_age_hours INT64
INSERT INTO audit (section_rank, place, section, check_name, table_name, subject, value, unit, expectation, status)
WITH kinds AS (
  SELECT k.place, k.kind, k.max_age_hours
  FROM UNNEST([
    STRUCT(1 AS place, 'orders' AS kind, @orders_max_age_hours AS max_age_hours),
    (2, 'products', @catalogs_max_age_hours),
    (3, 'customers', @catalogs_max_age_hours)
  ]) AS k
),

landed AS (
  SELECT l.kind, COUNT(*) AS files, MAX(IF(l.landed_at < @data_through, l.landed_at, NULL)) AS newest
  FROM file_ledger AS l
  GROUP BY l.kind
),

loads AS (
  SELECT MAX(l.loaded_at) AS newest
  FROM file_ledger AS l
  WHERE l.loaded_at < @data_through AND l.verdict = 'loaded'
),

hours AS (
  SELECT MAX(a.metric_hour) AS newest
  FROM agg_hourly_metrics AS a
  WHERE a.metric_hour < @data_through
),

ages AS (
  SELECT 10 + k.place AS place, 'newest_file_age' AS check_name, 'file_ledger' AS table_name, k.kind AS subject, l.newest, k.max_age_hours
  FROM kinds AS k
  JOIN landed AS l ON l.kind = k.kind
  UNION ALL
  SELECT 21, 'newest_load_age', 'file_ledger', 'loaded_at', l.newest, @orders_max_age_hours
  FROM loads AS l
  UNION ALL
  SELECT 22, 'newest_order_hour_age', 'agg_hourly_metrics', 'metric_hour', h.newest, @orders_max_age_hours
  FROM hours AS h
),

day AS (
  SELECT
    COUNT(*) AS orders,
    COUNTIF(k.landed_at >= @day_end) AS later,
    TIMESTAMP_DIFF(MAX(IF(k.landed_at >= @day_end, k.landed_at, NULL)), @day_end, SECOND) AS seconds_later
  FROM order_keys AS k
  WHERE k.order_date = @report_date
),

measured AS (
  SELECT a.*, ROUND(CAST(TIMESTAMP_DIFF(@data_through, a.newest, SECOND) AS NUMERIC) / 3600, 2) AS age_hours
  FROM ages AS a
  WHERE a.newest IS NOT NULL
)

SELECT
  5, k.place, 'freshness', 'files_landed', 'file_ledger', k.kind, CAST(COALESCE(l.files, 0) AS NUMERIC), 'count', 'at least 1',
  IF(l.files > 0, 'ok', 'error')
FROM kinds AS k
LEFT JOIN landed AS l ON l.kind = k.kind
UNION ALL
SELECT
  5, m.place, 'freshness', m.check_name, m.table_name, m.subject, m.age_hours, 'hours',
  CONCAT('at most ', CAST(m.max_age_hours AS STRING)), IF(m.age_hours <= m.max_age_hours, 'ok', 'warning')
FROM measured AS m
UNION ALL
SELECT
  5, c.place, 'freshness', c.check_name, 'order_keys', 'landed_at', c.value, c.unit, CAST(NULL AS STRING), 'info'
FROM day AS d
CROSS JOIN UNNEST([
  STRUCT(31 AS place, 'orders_of_day' AS check_name, CAST(d.orders AS NUMERIC) AS value, 'count' AS unit),
  (32, 'orders_landed_later', CAST(d.later AS NUMERIC), 'count'),
  (33, 'last_landing_after_day', ROUND(CAST(d.seconds_later AS NUMERIC) / 3600, 2), 'hours')
]) AS c
WHERE c.value IS NOT NULL;
