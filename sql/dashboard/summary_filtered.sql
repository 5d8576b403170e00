-- The head figures of the orders that pass the filters in a period, and how fresh the warehouse is. Unfiltered,
-- and from the beginning of a day, summary reads the days' aggregates instead.
-- Grain: exactly one row, also when nothing has been loaded yet. An order counts once,
-- with its total_amount; with a category chosen it counts if it has lines of that
-- category, with their line_total, and without what was paid back of the whole order.
-- revenue is of orders that were paid, less what was paid back.
-- The percentiles are nearest ranks over the files that brought the orders.
-- newest_order_hour and newest_load_at look at all time and heed no filter, so
-- that the page can say where the data is when the period holds none.
-- Reads only; run by the reporter.
-- @param from_date DATE
-- @param to_date DATE
-- @param from_time TIMESTAMP
-- @param to_time TIMESTAMP
-- @param category STRING
-- @param region STRING
-- @param state STRING
-- @param tier STRING
-- @param status STRING
WITH lines AS (
  SELECT
    customer_id, payment_status, file_id, loaded_at,
    -- @if category
    NUMERIC '0' AS refunded,
    -- @end
    -- @if not category
    COALESCE(refunded_amount, 0) AS refunded,
    -- @end
    payment_status NOT IN ('failed', 'cancelled') AS is_sold,
    -- @include order_amounts
  FROM fact_orders
  -- @if category
  WHERE category = @category
  -- @end
  -- @if not category
  WHERE line_number = 1
  -- @end
    -- @include chosen_orders
),
totals AS (
  SELECT
    COUNTIF(is_order) AS orders,
    COUNTIF(is_order AND is_sold) AS sold_orders,
    COUNTIF(is_order AND is_paid) AS paid_orders,
    COALESCE(SUM(IF(is_paid, amount - paid_back, NULL)), 0) AS revenue,
    COALESCE(SUM(amount), 0) AS total_revenue,
    COALESCE(SUM(refunded), 0) AS refunded_revenue,
    COALESCE(SUM(IF(payment_status = 'failed', amount, NULL)), 0) AS failed_revenue,
    COALESCE(SUM(IF(payment_status = 'cancelled', amount, NULL)), 0) AS cancelled_revenue,
    COALESCE(SUM(IF(payment_status = 'pending', amount, NULL)), 0) AS pending_revenue,
    COALESCE(SUM(IF(is_paid OR payment_status IN ('failed', 'cancelled', 'pending'), NULL, amount)), 0) AS other_revenue,
    COALESCE(SUM(IF(is_paid, paid_back, NULL)), 0) AS paid_back_revenue,
    COUNTIF(is_order AND payment_status = 'completed') AS completed_orders,
    COALESCE(SUM(IF(payment_status = 'completed', amount, NULL)), 0) AS completed_revenue,
    COUNT(DISTINCT customer_id) AS customers,
    MAX(loaded_at) AS newest_fact_at
  FROM lines
),
files AS (
  SELECT file_id
  FROM lines
  GROUP BY file_id
),
-- @include summary_figures
;
