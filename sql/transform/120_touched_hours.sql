-- Grain: one row per hour of the shop's clock, named by the instant at which it began and its day
-- there, in which the batch adds or replaces an order.
-- Run by the aggregator in its transaction.
-- @when replacing
CREATE TEMP TABLE touched_hours AS
SELECT
  TIMESTAMP_ADD(TIMESTAMP(l.order_date), INTERVAL (l.order_hour * 3600 - COALESCE(l.utc_offset_seconds, 0)) SECOND) AS metric_hour,
  l.order_date
FROM loaded_lines AS l
UNION DISTINCT
SELECT r.metric_hour, r.order_date
FROM replaced_facts AS r;
