-- Grain: one row per series and day that has at least 4 weeks of history: the median revenue of the
-- same weekday in the 8 weeks before, and the median distance from it (MAD). Medians, because an
-- outlier must not raise the bar for the next one; the same weekday, because weeks have a shape.
-- Run by the reporter's daily run, in the report's transaction.
-- @param report_date DATE
CREATE TEMP TABLE trend_expected AS
WITH history AS (
  SELECT MIN(a.metric_date) AS first_day
  FROM agg_category_revenue AS a
  WHERE a.metric_date <= @report_date
),

weekdays AS (
  SELECT
    d.series,
    d.day,
    COUNT(*) AS weeks,
    ARRAY_AGG(b.revenue ORDER BY b.revenue) AS revenues
  FROM trend_days AS d
  CROSS JOIN UNNEST([7, 14, 21, 28, 35, 42, 49, 56]) AS days_before
  JOIN trend_days AS b ON b.series = d.series AND b.day = DATE_SUB(d.day, INTERVAL days_before DAY)
  CROSS JOIN history AS h
  WHERE d.day > DATE_SUB(@report_date, INTERVAL 90 DAY) AND b.day >= h.first_day
  GROUP BY d.series, d.day
),

expected AS (
  SELECT
    w.series,
    w.day,
    w.weeks,
    w.revenues,
    (w.revenues[OFFSET(DIV(w.weeks - 1, 2))] + w.revenues[OFFSET(DIV(w.weeks, 2))]) / 2 AS revenue
  FROM weekdays AS w
  WHERE w.weeks >= 4
),

distances AS (
  SELECT
    e.series,
    e.day,
    e.weeks,
    e.revenue,
    ARRAY_AGG(ABS(seen - e.revenue) ORDER BY ABS(seen - e.revenue)) AS distances
  FROM expected AS e
  CROSS JOIN UNNEST(e.revenues) AS seen
  GROUP BY e.series, e.day, e.weeks, e.revenue
)

SELECT
  d.series,
  d.day,
  d.revenue,
  (d.distances[OFFSET(DIV(d.weeks - 1, 2))] + d.distances[OFFSET(DIV(d.weeks, 2))]) / 2 AS deviation
FROM distances AS d;
