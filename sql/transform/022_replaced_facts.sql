-- Grain: one row per line of an order that an earlier reading of a file of the batch has loaded.
-- metric_hour is the instant at which the order's hour of the shop's clock began.
-- Run by the aggregator in its transaction, before those facts are removed.
-- @when orders_again
-- @param replaced_dates ARRAY<DATE>
CREATE TEMP TABLE replaced_facts AS
SELECT
  f.file_id,
  f.order_id,
  f.order_date,
  TIMESTAMP_ADD(TIMESTAMP(f.order_date), INTERVAL (f.order_hour * 3600 - COALESCE(f.utc_offset_seconds, 0)) SECOND) AS metric_hour,
  f.customer_id,
  f.product_id
FROM fact_orders AS f
JOIN replaced_files AS r ON r.file_id = f.file_id
WHERE f.order_date IN UNNEST(@replaced_dates);
