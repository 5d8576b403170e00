-- The orders of one customer, newest first, one page at a time.
-- Grain: one row per order; revenue is what was paid of it, less what was paid back. A page starts behind
-- (before_time, before_id), so that new orders move no page.
-- Reads only; run by the reporter, with the days of the customer's first and last order.
-- @param customer_id STRING
-- @param from_date DATE
-- @param to_date DATE
-- @param before_time TIMESTAMP
-- @param before_id STRING
-- @param page_size INT64
SELECT
  f.order_id,
  f.order_timestamp,
  f.payment_status,
  f.total_amount AS total_revenue,
  -- @include order_paid
  AS revenue
FROM fact_orders AS f
WHERE f.order_date BETWEEN @from_date AND @to_date
  AND f.customer_id = @customer_id
  AND f.line_number = 1
  AND (f.order_timestamp < @before_time OR (f.order_timestamp = @before_time AND f.order_id < @before_id))
ORDER BY f.order_timestamp DESC, f.order_id DESC
LIMIT @page_size;
