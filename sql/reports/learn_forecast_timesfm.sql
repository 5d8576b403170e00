-- What BigQuery's own model of time series (TimesFM) says of the 28 days after each of four ends of the past half year: the last
-- one, whose forecast is the report's, and those 28, 56 and 84 days before, which tell how well the past was forecast.
-- Grain: one row per series, measure (orders, units, revenue), end (days_back) and day to come; the interval holds a day with a
-- probability of 80 %. status is empty unless a series could not be forecast. Series are those of learn_forecast; a
-- day that is not among theirs sold nothing; ends with fewer than four weeks of days before them are not asked of.
-- The model's answers are FLOAT64: the daily run rounds them.
-- Reads only; run by the reporter's daily run, before the report's transaction, if FORECAST_MODEL is timesfm. It reads the
-- hours and the days of half a year, no facts. AI.FORECAST is a function of BigQuery's; the embedded one refuses it. See
-- https://cloud.google.com/bigquery/docs/reference/standard-sql/bigqueryml-syntax-ai-forecast
-- @param from_date DATE
-- @param to_date DATE
-- @param from_time TIMESTAMP
-- @param to_time TIMESTAMP
-- @param time_zone STRING
-- @param max_series INT64
WITH
-- @include forecast_series
,

begun AS (
  SELECT s.category, MIN(s.metric_date) AS first_date
  FROM all_series AS s
  GROUP BY s.category
),

every_day AS (
  SELECT b.category, b.first_date, day, COALESCE(s.orders, 0) AS orders, COALESCE(s.units, 0) AS units, COALESCE(s.revenue, NUMERIC '0') AS revenue
  FROM begun AS b
  CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(b.first_date, @to_date)) AS day
  LEFT JOIN all_series AS s ON s.category = b.category AND s.metric_date = day
),

known AS (
  SELECT e.category, m.measure, days_back, e.day, m.value
  FROM every_day AS e
  CROSS JOIN UNNEST([0, 28, 56, 84]) AS days_back
  CROSS JOIN UNNEST([STRUCT('orders' AS measure, CAST(e.orders AS NUMERIC) AS value), ('units', CAST(e.units AS NUMERIC)), ('revenue', e.revenue)]) AS m
  WHERE
    e.day <= DATE_SUB(@to_date, INTERVAL days_back DAY)
    AND DATE_DIFF(DATE_SUB(@to_date, INTERVAL days_back DAY), e.first_date, DAY) >= 27
)

SELECT
  f.category,
  f.measure,
  f.days_back,
  DATE(f.forecast_timestamp) AS day,
  f.forecast_value AS value,
  f.prediction_interval_lower_bound AS low,
  f.prediction_interval_upper_bound AS high,
  f.ai_forecast_status AS status
FROM AI.FORECAST(
  TABLE known,
  data_col => 'value',
  timestamp_col => 'day',
  model => 'TimesFM 2.0',
  id_cols => ['category', 'measure', 'days_back'],
  horizon => 28,
  confidence_level => 0.8
) AS f
ORDER BY f.category, f.measure, f.days_back, day;
