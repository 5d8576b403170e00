-- Grain: one row per category and day to come, and per day to come one for all categories.
-- The rows were forecast by the run, of what learn_forecast has read: by exponential smoothing (package ets), or by what
-- learn_forecast_timesfm has answered. A WAPE of -1 is none.
-- Run by the reporter's daily run, in the report's transaction.
-- @param report_date DATE
-- @param forecast ARRAY<STRUCT<position INT64, category STRING, forecast_date DATE, history_days INT64, orders NUMERIC, orders_low NUMERIC, orders_high NUMERIC, units NUMERIC, units_low NUMERIC, units_high NUMERIC, revenue NUMERIC, revenue_low NUMERIC, revenue_high NUMERIC, orders_wape NUMERIC, orders_naive_wape NUMERIC, units_wape NUMERIC, units_naive_wape NUMERIC, revenue_wape NUMERIC, revenue_naive_wape NUMERIC, model STRING>>
INSERT INTO report_forecast (
  report_date, position, category, forecast_date, history_days,
  orders, orders_low, orders_high, units, units_low, units_high, revenue, revenue_low, revenue_high,
  orders_wape, orders_naive_wape, units_wape, units_naive_wape, revenue_wape, revenue_naive_wape, model
)
SELECT
  @report_date,
  f.position,
  NULLIF(f.category, ''),
  f.forecast_date,
  f.history_days,
  f.orders,
  f.orders_low,
  f.orders_high,
  f.units,
  f.units_low,
  f.units_high,
  f.revenue,
  f.revenue_low,
  f.revenue_high,
  NULLIF(f.orders_wape, NUMERIC '-1'),
  NULLIF(f.orders_naive_wape, NUMERIC '-1'),
  NULLIF(f.units_wape, NUMERIC '-1'),
  NULLIF(f.units_naive_wape, NUMERIC '-1'),
  NULLIF(f.revenue_wape, NUMERIC '-1'),
  NULLIF(f.revenue_naive_wape, NUMERIC '-1'),
  f.model
FROM UNNEST(@forecast) AS f;
