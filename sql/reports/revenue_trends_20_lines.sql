-- Grain: one row per order, region and category of the 146 days up to the report date: 90 days that
-- are shown, and before them 8 weeks that the oldest of them are compared with.
-- Run by the reporter's daily run, in the report's transaction; the only read of the facts.
-- @param report_date DATE
CREATE TEMP TABLE trend_lines AS
SELECT
  f.order_date,
  f.region,
  f.category,
  f.order_id,
  COUNTIF(f.line_number = 1) AS first_lines, -- an order has one, whatever its categories
  SUM(f.quantity) AS units,
  SUM(f.line_total) AS revenue,
  SUM(IF(f.payment_status = 'completed', f.line_total, NUMERIC '0')) AS completed_revenue
FROM fact_orders AS f
WHERE f.order_date BETWEEN DATE_SUB(@report_date, INTERVAL 145 DAY) AND @report_date
GROUP BY f.order_date, f.region, f.category, f.order_id;
