-- By what it shows that the orders of a day, of the 90 up to the report date, or their earlier versions have changed.
SELECT
  a.order_date,
  MAX(a.restated_at) AS restated_at,
  SUM(a.orders) AS orders,
  SUM(a.versions) AS versions
FROM (
  SELECT d.order_date, d.updated_at AS restated_at, d.orders, 0 AS versions
  FROM agg_daily_orders AS d
  WHERE d.order_date BETWEEN DATE_SUB(@report_date, INTERVAL 89 DAY) AND @report_date
  UNION ALL
  SELECT h.order_date, h.valid_to, 0, 1
  FROM order_history AS h
  WHERE h.order_date BETWEEN DATE_SUB(@report_date, INTERVAL 89 DAY) AND @report_date
) AS a
GROUP BY a.order_date
HAVING SUM(a.orders) > 0
