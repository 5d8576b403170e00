-- Grain: one row per touched day and file, computed from all the day's facts.
-- Run by the aggregator in its transaction, after the days are removed; by provisioning for what an earlier
-- release has loaded.
-- @when replacing, repairs
-- @param now TIMESTAMP
-- @param touched_dates ARRAY<DATE>
INSERT INTO agg_daily_files (order_date, file_id, updated_at, orders, order_lines, loaded_at)
SELECT
  f.order_date, f.file_id,
  @now AS updated_at,
  COUNTIF(f.line_number = 1) AS orders,
  COUNT(*) AS order_lines,
  MAX(f.loaded_at) AS loaded_at
FROM fact_orders AS f
WHERE
  f.order_date IN UNNEST(@touched_dates)
  AND f.order_date IN (SELECT t.order_date FROM touched_days AS t)
GROUP BY f.order_date, f.file_id;
