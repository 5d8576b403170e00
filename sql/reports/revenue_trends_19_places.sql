-- Grain: one row per day and region of the 146 days up to the report date: 90 days that are shown, and before them
-- 8 weeks that the oldest of them are compared with.
-- Revenue is that of the dashboard: of orders that were paid their total, less what was paid back. Whole orders are
-- read from the days' aggregates, so that of the facts only what lines need is.
-- Run by the reporter's daily run, in the report's transaction.
-- @param report_date DATE
CREATE TEMP TABLE trend_places AS
SELECT
  a.order_date,
  a.region,
  SUM(a.orders) AS orders,
  SUM(a.paid_revenue) AS revenue,
  SUM(IF(a.payment_status = 'completed', a.total_revenue - a.refunded_revenue, NUMERIC '0')) AS completed_revenue
FROM agg_daily_orders AS a
WHERE a.order_date BETWEEN DATE_SUB(@report_date, INTERVAL 145 DAY) AND @report_date
GROUP BY a.order_date, a.region;
