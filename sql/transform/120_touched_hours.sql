-- Grain: one row per hour in which the batch adds an order.
-- Run by the aggregator in its transaction.
CREATE TEMP TABLE touched_hours AS
SELECT DISTINCT TIMESTAMP_TRUNC(o.order_timestamp, HOUR) AS metric_hour
FROM loaded_orders AS o;
