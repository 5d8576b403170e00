-- Grain: one row per line of an order that an earlier reading of a file of the batch has loaded.
-- metric_hour is the instant at which the order's hour of the shop's clock began.
-- Run by the aggregator in its transaction, before those facts are removed.
-- @when orders_again
-- @param replaced_dates ARRAY<DATE>
CREATE TEMP TABLE replaced_facts AS
SELECT
  -- @include removed_line
FROM fact_orders AS f
JOIN replaced_files AS r ON r.file_id = f.file_id
WHERE f.order_date IN UNNEST(@replaced_dates);
