-- The head figures of a period, and how fresh the warehouse is.
-- Grain: exactly one row, also when nothing has been loaded yet. An order counts
-- once, by its first line, because total_amount is repeated on each line.
-- newest_order_hour and newest_load_at look at all time, so that the page can
-- say where the data is when the period holds none.
-- Reads only; run by the reporter.
-- @param from_date DATE
-- @param to_date DATE
-- @param from_time TIMESTAMP
-- @param to_time TIMESTAMP
WITH orders AS (
  SELECT customer_id, payment_status, total_amount
  FROM fact_orders
  WHERE order_date BETWEEN @from_date AND @to_date
    AND order_timestamp >= @from_time
    AND order_timestamp < @to_time
    AND line_number = 1
),
totals AS (
  SELECT
    COUNT(*) AS orders,
    COALESCE(SUM(total_amount), 0) AS revenue,
    COUNTIF(payment_status = 'completed') AS completed_orders,
    COALESCE(SUM(CASE WHEN payment_status = 'completed' THEN total_amount END), 0) AS completed_revenue,
    COUNT(DISTINCT customer_id) AS customers
  FROM orders
),
hours AS (
  SELECT MAX(metric_hour) AS newest_order_hour
  FROM agg_hourly_metrics
),
loads AS (
  SELECT MAX(loaded_at) AS newest_load_at
  FROM file_ledger
  WHERE verdict = 'loaded'
)
SELECT
  totals.orders,
  totals.revenue,
  totals.completed_orders,
  totals.completed_revenue,
  totals.revenue / NULLIF(totals.orders, 0) AS avg_order_value,
  totals.completed_revenue / NULLIF(totals.completed_orders, 0) AS completed_avg_order_value,
  totals.customers,
  hours.newest_order_hour,
  loads.newest_load_at
FROM totals
CROSS JOIN hours
CROSS JOIN loads;
