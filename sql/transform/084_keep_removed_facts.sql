-- Grain: one row per line that the batch takes out of the facts, as they showed it: of an order that it replaces, and of
-- a file that is read again. It tells what was known at an earlier moment.
-- Run by the aggregator in its transaction.
-- @when replacing
-- @param now TIMESTAMP
INSERT INTO fact_orders_history (
  order_id, line_number, customer_id, customer_tier, order_timestamp, order_date, product_id, category, line_total,
  total_amount, refunded_amount, payment_status, state, country, region, file_id, record_index, loaded_at, removed_at
)
SELECT
  r.order_id, r.line_number, r.customer_id, r.customer_tier, r.order_timestamp, r.order_date, r.product_id, r.category, r.line_total,
  r.total_amount, r.refunded_amount, r.payment_status, r.state, r.country, r.region, r.file_id, r.record_index, r.loaded_at, @now
FROM replaced_facts AS r;
