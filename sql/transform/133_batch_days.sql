-- Grain: one row per day and category in which the batch adds a line, and what it adds. An order counts
-- once in each of its categories.
-- Run by the aggregator in its transaction; of batches that replace orders or repair their products
-- 130_touched_days and what follows it restate the days.
-- @when orders
-- @unless replacing, repairs
CREATE TEMP TABLE batch_days AS
SELECT
  l.order_date,
  l.category,
  COUNTIF(l.category_line_number = 1) AS orders,
  SUM(l.quantity) AS units,
  SUM(l.line_total) AS revenue,
  SUM(IF(l.payment_status = 'completed', l.line_total, NUMERIC '0')) AS completed_revenue,
  SUM(IF(l.payment_status IN ('failed', 'cancelled'), NUMERIC '0', l.line_total)) AS headline_revenue,
  SUM(IF(l.payment_status IN ('completed', 'partially_refunded'), l.line_total, NUMERIC '0')) AS paid_revenue
FROM loaded_lines AS l
GROUP BY l.order_date, l.category;
