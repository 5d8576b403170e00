-- Grain: one row per series and period: 12 weeks that end with the report date, and 90 days.
-- A day is an anomaly if its revenue is further from the expected than 4.4478 deviations (three
-- standard deviations of a normal distribution) and than a quarter of the expected, so that a series
-- that hardly moves is not flagged for a trifle. What expects nothing flags nothing.
-- Run by the reporter's daily run, in the report's transaction.
-- @param report_date DATE
INSERT INTO report_revenue_trends (
  report_date, position, granularity, level, region, category, period_start, period_end,
  orders, units, revenue, completed_revenue, previous_revenue, change_ratio,
  moving_average_7, moving_average_28, expected_revenue, deviation, anomaly
)
WITH history AS (
  SELECT MIN(a.metric_date) AS first_day
  FROM agg_category_revenue AS a
  WHERE a.metric_date <= @report_date
),

windows AS (
  SELECT
    d.*,
    LAG(d.revenue, 7) OVER (PARTITION BY d.series ORDER BY d.day) AS revenue_before,
    SUM(d.revenue) OVER (PARTITION BY d.series ORDER BY d.day ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) / 7 AS average_7,
    SUM(d.revenue) OVER (PARTITION BY d.series ORDER BY d.day ROWS BETWEEN 27 PRECEDING AND CURRENT ROW) / 28 AS average_28
  FROM trend_days AS d
),

days AS (
  SELECT
    'day' AS granularity,
    w.series, w.level, w.region, w.category,
    w.day AS period_start,
    w.day AS period_end,
    w.orders, w.units, w.revenue, w.completed_revenue,
    IF(DATE_SUB(w.day, INTERVAL 7 DAY) >= h.first_day, w.revenue_before, NULL) AS previous_revenue,
    IF(DATE_SUB(w.day, INTERVAL 6 DAY) >= h.first_day, w.average_7, NULL) AS moving_average_7,
    IF(DATE_SUB(w.day, INTERVAL 27 DAY) >= h.first_day, w.average_28, NULL) AS moving_average_28,
    e.revenue AS expected_revenue,
    e.deviation
  FROM windows AS w
  CROSS JOIN history AS h
  LEFT JOIN trend_expected AS e ON e.series = w.series AND e.day = w.day
  WHERE w.day > DATE_SUB(@report_date, INTERVAL 90 DAY)
),

week_sums AS (
  SELECT
    d.series, d.level, d.region, d.category,
    DIV(DATE_DIFF(@report_date, d.day, DAY), 7) AS weeks_ago,
    MIN(d.day) AS period_start,
    MAX(d.day) AS period_end,
    SUM(d.orders) AS orders,
    SUM(d.units) AS units,
    SUM(d.revenue) AS revenue,
    SUM(d.completed_revenue) AS completed_revenue
  FROM trend_days AS d
  WHERE d.day > DATE_SUB(@report_date, INTERVAL 91 DAY)
  GROUP BY d.series, d.level, d.region, d.category, weeks_ago
),

compared_weeks AS (
  SELECT
    w.*,
    LAG(w.revenue) OVER (PARTITION BY w.series ORDER BY w.period_start) AS revenue_before
  FROM week_sums AS w
),

weeks AS (
  SELECT
    'week' AS granularity,
    w.series, w.level, w.region, w.category, w.period_start, w.period_end,
    w.orders, w.units, w.revenue, w.completed_revenue,
    IF(DATE_SUB(w.period_start, INTERVAL 7 DAY) >= h.first_day, w.revenue_before, NULL) AS previous_revenue,
    CAST(NULL AS NUMERIC) AS moving_average_7,
    CAST(NULL AS NUMERIC) AS moving_average_28,
    CAST(NULL AS NUMERIC) AS expected_revenue,
    CAST(NULL AS NUMERIC) AS deviation
  FROM compared_weeks AS w
  CROSS JOIN history AS h
  WHERE w.weeks_ago < 12
),

periods AS (
  SELECT * FROM days
  UNION ALL
  SELECT * FROM weeks
)

SELECT
  @report_date,
  ROW_NUMBER() OVER (ORDER BY p.series, p.granularity DESC, p.period_start DESC),
  p.granularity,
  p.level,
  p.region,
  p.category,
  p.period_start,
  p.period_end,
  p.orders,
  p.units,
  p.revenue,
  p.completed_revenue,
  p.previous_revenue,
  ROUND((p.revenue - p.previous_revenue) / NULLIF(p.previous_revenue, 0), 4),
  p.moving_average_7,
  p.moving_average_28,
  p.expected_revenue,
  p.deviation,
  CASE
    WHEN p.expected_revenue <= 0 THEN NULL
    WHEN
      ABS(p.revenue - p.expected_revenue) > NUMERIC '4.4478' * p.deviation
      AND ABS(p.revenue - p.expected_revenue) > NUMERIC '0.25' * p.expected_revenue
      THEN IF(p.revenue > p.expected_revenue, 'high', 'low')
  END
FROM periods AS p;
