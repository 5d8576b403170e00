-- What the small aggregates say of each day, and when the newest row of them was written. Each change of a day's
-- facts writes rows of these.
SELECT
  a.order_date,
  MAX(a.updated_at) AS restated_at,
  SUM(a.hour_orders) AS hour_orders,
  SUM(a.hour_revenue) AS hour_revenue,
  SUM(a.category_revenue) AS category_revenue,
  SUM(a.place_orders) AS place_orders,
  SUM(a.place_revenue) AS place_revenue,
  SUM(a.file_orders) AS file_orders,
  SUM(a.file_lines) AS file_lines
FROM (
  SELECT
    COALESCE(h.order_date, DATE(h.metric_hour)) AS order_date, h.updated_at, h.total_orders AS hour_orders, h.total_revenue AS hour_revenue,
    NUMERIC '0' AS category_revenue, 0 AS place_orders, NUMERIC '0' AS place_revenue, 0 AS file_orders, 0 AS file_lines
  FROM agg_hourly_metrics AS h
  UNION ALL
  SELECT c.metric_date, c.updated_at, 0, NUMERIC '0', c.revenue, 0, NUMERIC '0', 0, 0
  FROM agg_category_revenue AS c
  UNION ALL
  SELECT o.order_date, o.updated_at, 0, NUMERIC '0', NUMERIC '0', o.orders, o.total_revenue, 0, 0
  FROM agg_daily_orders AS o
  UNION ALL
  SELECT i.order_date, i.updated_at, 0, NUMERIC '0', NUMERIC '0', 0, NUMERIC '0', i.orders, i.order_lines
  FROM agg_daily_files AS i
) AS a
GROUP BY a.order_date
