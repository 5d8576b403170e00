-- Between which hours each day's orders lie: whether they are hours of the day on the shop's clock
-- tells a warehouse of another time zone, or of two.
-- Grain: one row per day with orders, oldest first. Reads three columns of all hours; run by pipelinectl doctor.
SELECT
  COALESCE(a.order_date, DATE(a.metric_hour)) AS order_date,
  MIN(a.metric_hour) AS first_hour,
  MAX(a.metric_hour) AS last_hour
FROM agg_hourly_metrics AS a
GROUP BY order_date
ORDER BY order_date;
