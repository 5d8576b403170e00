-- What the shop and its categories came to on each day, one row per series and day with orders: the series of all categories
-- (category is empty), then those with the highest revenue in 90 days by name, the others together.
days AS (
  SELECT c.metric_date, c.category, c.orders, c.units, COALESCE(c.paid_revenue, NUMERIC '0') AS revenue
  FROM agg_category_revenue AS c
  WHERE c.metric_date BETWEEN @from_date AND @to_date
),

sums AS (
  SELECT d.category, SUM(IF(d.metric_date > DATE_SUB(@to_date, INTERVAL 90 DAY), d.revenue, NUMERIC '0')) AS revenue
  FROM days AS d
  GROUP BY d.category
),

named AS (
  SELECT s.category, ROW_NUMBER() OVER (ORDER BY s.revenue DESC, s.category) AS place
  FROM sums AS s
),

placed AS (
  SELECT
    IF(n.place <= @max_series, n.category, '(other)') AS series,
    LEAST(n.place, @max_series + 1) AS place,
    d.*
  FROM days AS d
  JOIN named AS n ON n.category = d.category
),

categories AS (
  SELECT p.series, p.place, p.metric_date, SUM(p.orders) AS orders, SUM(p.units) AS units, SUM(p.revenue) AS revenue
  FROM placed AS p
  GROUP BY p.series, p.place, p.metric_date
),

units AS (
  SELECT d.metric_date, SUM(d.units) AS units
  FROM days AS d
  GROUP BY d.metric_date
),

hours AS (
  SELECT DATE(h.metric_hour, @time_zone) AS metric_date, SUM(h.total_orders) AS orders, SUM(COALESCE(h.paid_revenue, NUMERIC '0')) AS revenue
  FROM agg_hourly_metrics AS h
  WHERE h.metric_hour >= @from_time AND h.metric_hour < @to_time
  GROUP BY metric_date
),

all_series AS (
  SELECT '' AS category, 0 AS place, h.metric_date, h.orders, COALESCE(u.units, 0) AS units, h.revenue
  FROM hours AS h
  LEFT JOIN units AS u ON u.metric_date = h.metric_date
  UNION ALL
  SELECT c.series, c.place, c.metric_date, c.orders, c.units, c.revenue
  FROM categories AS c
)
