-- Grain: one row per hour of the shop's clock, named by the instant at which it began and its day
-- there, in which the batch adds or replaces an order.
-- Run by the aggregator in its transaction.
CREATE TEMP TABLE touched_hours AS
SELECT
  TIMESTAMP_ADD(TIMESTAMP(o.order_date), INTERVAL (o.order_hour * 3600 - COALESCE(o.utc_offset_seconds, 0)) SECOND) AS metric_hour,
  o.order_date
FROM loaded_orders AS o
UNION DISTINCT
SELECT r.metric_hour, r.order_date
FROM replaced_facts AS r;
