-- Grain: one row per line of an order that an earlier reading of a file of the batch has loaded.
-- Run by the aggregator in its transaction, before those facts are removed.
-- @param replaced_dates ARRAY<DATE>
CREATE TEMP TABLE replaced_facts AS
SELECT f.order_id, f.order_date, f.order_timestamp, f.customer_id, f.product_id
FROM fact_orders AS f
JOIN replaced_files AS r ON r.file_id = f.file_id
WHERE f.order_date IN UNNEST(@replaced_dates);
