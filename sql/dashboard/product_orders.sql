-- The orders of a period with lines of one product, newest first, one page at a time.
-- Grain: one row per order; units and total_revenue are of its lines of the product. A page starts behind
-- (before_time, before_id), so that new orders move no page.
-- Reads only; run by the reporter.
-- @param product_id STRING
-- @param from_date DATE
-- @param to_date DATE
-- @param before_time TIMESTAMP
-- @param before_id STRING
-- @param page_size INT64
SELECT
  f.order_id,
  f.order_timestamp,
  f.payment_status,
  SUM(f.quantity) AS units,
  SUM(f.line_total) AS total_revenue
FROM fact_orders AS f
WHERE f.order_date BETWEEN @from_date AND @to_date
  AND f.product_id = @product_id
  AND (f.order_timestamp < @before_time OR (f.order_timestamp = @before_time AND f.order_id < @before_id))
GROUP BY f.order_id, f.order_timestamp, f.payment_status
ORDER BY f.order_timestamp DESC, f.order_id DESC
LIMIT @page_size;
