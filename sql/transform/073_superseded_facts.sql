-- Grain: one row per line of the orders that the batch replaces, beside those that its new readings
-- replace, so that they are kept in the history, and their hours, days and references looked at again.
-- metric_hour is the instant at which the order's hour of the shop's clock began.
-- Run by the aggregator in its transaction, before those facts are removed.
-- @when replacing
-- @param replaced_dates ARRAY<DATE>
-- @if orders_again
INSERT INTO replaced_facts (
  file_id, record_index, order_id, line_number, order_timestamp, order_date, metric_hour, utc_offset_seconds,
  customer_id, customer_tier, product_id, category, quantity, unit_price, line_total, line_discount_amount,
  total_amount, currency, tax_amount, tax_included, shipping_amount, discount_amount, refunded_amount,
  payment_status, payment_status_text, street, city, state, zipcode, country, region, updated_at, loaded_at
)
-- @end
-- @if not orders_again
CREATE TEMP TABLE replaced_facts AS
-- @end
SELECT
  -- @include removed_line
FROM fact_orders AS f
JOIN superseded_orders AS s ON s.order_id = f.order_id AND s.file_id = f.file_id
WHERE f.order_date IN UNNEST(@replaced_dates);
