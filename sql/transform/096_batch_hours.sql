-- Grain: one row per hour of the shop's clock in which the batch adds an order, and what it adds. An
-- order counts once, by its first line. A customer is new in an hour that has no order of that customer
-- among the facts; a guest is no customer.
-- Run by the aggregator in its transaction, before the batch's facts are inserted; of batches that
-- replace orders 120_touched_hours and what follows it restate the hours.
-- @when orders
-- @unless replacing
-- @param order_dates ARRAY<DATE>
CREATE TEMP TABLE batch_hours AS
WITH orders AS (
  SELECT
    TIMESTAMP_ADD(TIMESTAMP(l.order_date), INTERVAL (l.order_hour * 3600 - COALESCE(l.utc_offset_seconds, 0)) SECOND) AS metric_hour,
    l.*
  FROM loaded_lines AS l
  WHERE l.line_number = 1
),

customers AS (
  SELECT DISTINCT o.metric_hour, o.order_date, o.customer_id
  FROM orders AS o
  WHERE o.customer_id IS NOT NULL
),

known AS (
  SELECT DISTINCT c.metric_hour, c.order_date, c.customer_id
  FROM customers AS c
  JOIN fact_orders AS earlier
    ON earlier.customer_id = c.customer_id
    AND earlier.order_date = c.order_date
    AND c.metric_hour = TIMESTAMP_ADD(TIMESTAMP(earlier.order_date), INTERVAL (earlier.order_hour * 3600 - COALESCE(earlier.utc_offset_seconds, 0)) SECOND)
  WHERE earlier.order_date IN UNNEST(@order_dates) AND earlier.line_number = 1
),

newcomers AS (
  SELECT c.metric_hour, c.order_date, COUNT(*) AS unique_customers
  FROM customers AS c
  LEFT JOIN known AS k
    ON k.metric_hour = c.metric_hour AND k.order_date = c.order_date AND k.customer_id = c.customer_id
  WHERE k.customer_id IS NULL
  GROUP BY c.metric_hour, c.order_date
),

sums AS (
  SELECT
    f.metric_hour,
    f.order_date,
    -- @include hour_figures
  FROM orders AS f
  GROUP BY f.metric_hour, f.order_date
)

SELECT s.*, COALESCE(n.unique_customers, 0) AS unique_customers
FROM sums AS s
LEFT JOIN newcomers AS n ON n.metric_hour = s.metric_hour AND n.order_date = s.order_date;
