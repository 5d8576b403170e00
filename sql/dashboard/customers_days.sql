-- The customers who paid on each day of a period, as the newest report knows it.
-- Grain: one row per day with a paid order, oldest first. New is whose first paid order ever is of the day, returning
-- who had paid on a day before.
-- Reads only; run by the reporter.
-- @param report_date DATE
-- @param from_date DATE
-- @param to_date DATE
SELECT
  d.order_date,
  SUM(IF(d.previous_date IS NULL, d.customers, 0)) AS new_customers,
  SUM(IF(d.previous_date IS NULL, 0, d.customers)) AS returning_customers,
  SUM(IF(d.previous_date IS NULL AND NOT d.is_guest, d.revenue, NUMERIC '0')) AS new_revenue,
  SUM(IF(d.previous_date IS NULL, NUMERIC '0', d.revenue)) AS returning_revenue,
  SUM(IF(d.is_guest, d.orders, 0)) AS guest_orders,
  SUM(IF(d.is_guest, d.revenue, NUMERIC '0')) AS guest_revenue
FROM report_customer_days AS d
WHERE d.report_date = @report_date AND d.order_date BETWEEN @from_date AND @to_date
GROUP BY d.order_date
ORDER BY d.order_date;
