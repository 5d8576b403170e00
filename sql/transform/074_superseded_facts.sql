-- Grain: one row per line of the orders that the batch replaces, beside those that its new readings
-- replace, so that their hours, days and references are looked at again. metric_hour is the instant at
-- which the order's hour of the shop's clock began.
-- Run by the aggregator in its transaction, before those facts are removed.
-- @when replacing
-- @param replaced_dates ARRAY<DATE>
-- @if orders_again
INSERT INTO replaced_facts (file_id, order_id, order_date, metric_hour, customer_id, product_id)
-- @end
-- @if not orders_again
CREATE TEMP TABLE replaced_facts AS
-- @end
SELECT
  f.file_id,
  f.order_id,
  f.order_date,
  TIMESTAMP_ADD(TIMESTAMP(f.order_date), INTERVAL (f.order_hour * 3600 - COALESCE(f.utc_offset_seconds, 0)) SECOND) AS metric_hour,
  f.customer_id,
  f.product_id
FROM fact_orders AS f
JOIN superseded_orders AS s ON s.order_id = f.order_id AND s.file_id = f.file_id
WHERE f.order_date IN UNNEST(@replaced_dates);
