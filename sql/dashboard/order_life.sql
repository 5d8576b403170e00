-- What became of the orders of a period, as it stands now.
-- Grain: one row per payment status with orders, by number; other is any that the pipeline does not know.
-- Reads only; run by the reporter. It reads the days' aggregates.
-- @param from_date DATE
-- @param to_date DATE
SELECT
  IF(
    d.payment_status IN ('completed', 'pending', 'failed', 'refunded', 'partially_refunded', 'cancelled'),
    d.payment_status,
    'other'
  ) AS status,
  SUM(d.orders) AS orders,
  SUM(d.total_revenue) AS total_revenue,
  SUM(d.paid_revenue) AS revenue
FROM agg_daily_orders AS d
WHERE d.order_date BETWEEN @from_date AND @to_date
GROUP BY status
ORDER BY orders DESC, status;
