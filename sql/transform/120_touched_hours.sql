-- Grain: one row per hour in which the batch adds or replaces an order.
-- Run by the aggregator in its transaction.
CREATE TEMP TABLE touched_hours AS
SELECT TIMESTAMP_TRUNC(o.order_timestamp, HOUR) AS metric_hour
FROM loaded_orders AS o
UNION DISTINCT
SELECT TIMESTAMP_TRUNC(r.order_timestamp, HOUR) AS metric_hour
FROM replaced_facts AS r;
