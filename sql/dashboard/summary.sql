-- The head figures of a period that begins with a day, and how fresh the warehouse is.
-- Grain: exactly one row, also when nothing has been loaded yet. An order counts once, with its total_amount.
-- revenue is of orders that were paid, less what was paid back.
-- Only of a last day that is cut the facts are read.
-- The percentiles are nearest ranks over the files that brought the orders.
-- newest_order_hour and newest_load_at look at all time, so that the page can say where the data is when the
-- period holds none.
-- Reads only; run by the reporter.
-- @param from_date DATE
-- @param to_date DATE
-- @param to_time TIMESTAMP
WITH statuses AS (
  SELECT d.payment_status, d.orders, d.total_revenue, d.refunded_revenue, d.paid_revenue
  FROM agg_daily_orders AS d
  WHERE d.order_date BETWEEN @from_date AND @to_date
  -- @if hours
  AND d.order_date != @to_date
  UNION ALL
  SELECT
    f.payment_status,
    -- @include daily_order_figures
  FROM fact_orders AS f
  WHERE f.order_date = @to_date AND f.order_timestamp < @to_time AND f.line_number = 1
  GROUP BY f.payment_status
  -- @end
),
sums AS (
  SELECT
    COALESCE(SUM(orders), 0) AS orders,
    COALESCE(SUM(IF(payment_status IN ('failed', 'cancelled'), NULL, orders)), 0) AS sold_orders,
    COALESCE(SUM(IF(payment_status IN ('completed', 'partially_refunded', 'refunded'), orders, NULL)), 0) AS paid_orders,
    COALESCE(SUM(paid_revenue), 0) AS revenue,
    COALESCE(SUM(total_revenue), 0) AS total_revenue,
    COALESCE(SUM(refunded_revenue), 0) AS refunded_revenue,
    COALESCE(SUM(IF(payment_status = 'failed', total_revenue, NULL)), 0) AS failed_revenue,
    COALESCE(SUM(IF(payment_status = 'cancelled', total_revenue, NULL)), 0) AS cancelled_revenue,
    COALESCE(SUM(IF(payment_status = 'pending', total_revenue, NULL)), 0) AS pending_revenue,
    COALESCE(SUM(IF(
      payment_status IN ('completed', 'partially_refunded', 'refunded', 'failed', 'cancelled', 'pending'), NULL, total_revenue
    )), 0) AS other_revenue,
    COALESCE(SUM(IF(
      payment_status IN ('completed', 'partially_refunded', 'refunded'), total_revenue - paid_revenue, NULL
    )), 0) AS paid_back_revenue,
    COALESCE(SUM(IF(payment_status = 'completed', orders, NULL)), 0) AS completed_orders,
    COALESCE(SUM(IF(payment_status = 'completed', total_revenue, NULL)), 0) AS completed_revenue
  FROM statuses
),
buyers AS (
  SELECT d.customer_id
  FROM agg_daily_customers AS d
  WHERE d.order_date BETWEEN @from_date AND @to_date
  -- @if hours
  AND d.order_date != @to_date
  UNION ALL
  SELECT f.customer_id
  FROM fact_orders AS f
  WHERE f.order_date = @to_date AND f.order_timestamp < @to_time
  -- @end
),
customers AS (
  SELECT COUNT(DISTINCT customer_id) AS customers
  FROM buyers
),
brought AS (
  SELECT d.file_id, d.loaded_at
  FROM agg_daily_files AS d
  WHERE d.order_date BETWEEN @from_date AND @to_date AND d.orders > 0
  -- @if hours
  AND d.order_date != @to_date
  UNION ALL
  SELECT f.file_id, f.loaded_at
  FROM fact_orders AS f
  WHERE f.order_date = @to_date AND f.order_timestamp < @to_time AND f.line_number = 1
  -- @end
),
files AS (
  SELECT file_id, MAX(loaded_at) AS newest_fact_at
  FROM brought
  GROUP BY file_id
),
newest AS (
  SELECT MAX(newest_fact_at) AS newest_fact_at
  FROM files
),
totals AS (
  SELECT sums.*, customers.customers, newest.newest_fact_at
  FROM sums
  CROSS JOIN customers
  CROSS JOIN newest
),
-- @include summary_figures
;
