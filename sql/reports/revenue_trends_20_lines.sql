-- Grain: one row per day, region and category of the 146 days up to the report date: 90 days that
-- are shown, and before them 8 weeks that the oldest of them are compared with.
-- An order counts once in each of its categories, by the line that is numbered first of it there.
-- Revenue is that of the dashboard: of orders that were paid, whole ones their total less what was paid
-- back, which stands with their first line, and of categories the lines of those not paid back as a whole.
-- Run by the reporter's daily run, in the report's transaction.
-- @param report_date DATE
CREATE TEMP TABLE trend_lines AS
SELECT
  f.order_date,
  f.region,
  f.category,
  COUNTIF(f.category_line_number = 1) AS orders,
  COUNTIF(f.line_number = 1) AS first_lines, -- an order has one, whatever its categories
  SUM(f.quantity) AS units,
  SUM(
    -- @include line_paid
  ) AS line_revenue,
  SUM(IF(f.payment_status = 'completed', f.line_total, NUMERIC '0')) AS completed_line_revenue,
  SUM(
    IF(
      f.line_number != 1,
      NUMERIC '0',
      -- @include order_paid
    )
  ) AS order_revenue,
  SUM(
    IF(f.line_number = 1 AND f.payment_status = 'completed', f.total_amount - COALESCE(f.refunded_amount, NUMERIC '0'), NUMERIC '0')
  ) AS completed_order_revenue
FROM fact_orders AS f
WHERE f.order_date BETWEEN DATE_SUB(@report_date, INTERVAL 145 DAY) AND @report_date
GROUP BY f.order_date, f.region, f.category;
