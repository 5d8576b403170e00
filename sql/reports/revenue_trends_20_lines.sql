-- Grain: one row per day, region and category of the 146 days up to the report date: 90 days that
-- are shown, and before them 8 weeks that the oldest of them are compared with.
-- An order counts once in each of its categories, by the line that is numbered first of it there.
-- Revenue is that of the dashboard: the lines of orders that were paid and not paid back as a whole. That of whole
-- orders is in trend_places.
-- Run by the reporter's daily run, in the report's transaction.
-- @param report_date DATE
CREATE TEMP TABLE trend_lines AS
SELECT
  f.order_date,
  f.region,
  f.category,
  COUNTIF(f.category_line_number = 1) AS orders,
  SUM(f.quantity) AS units,
  SUM(
    -- @include line_paid
  ) AS line_revenue,
  SUM(IF(f.payment_status = 'completed', f.line_total, NUMERIC '0')) AS completed_line_revenue
FROM fact_orders AS f
WHERE f.order_date BETWEEN DATE_SUB(@report_date, INTERVAL 145 DAY) AND @report_date
GROUP BY f.order_date, f.region, f.category;
