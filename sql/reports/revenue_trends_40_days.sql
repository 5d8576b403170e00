-- Grain: one row per series and day, also for days without orders: an average over 7 days is one
-- over 7 days. Series are those with orders in the 90 days, numbered in the report's order.
-- Run by the reporter's daily run, in the report's transaction.
-- @param report_date DATE
CREATE TEMP TABLE trend_days AS
WITH shown AS (
  SELECT DISTINCT s.level, s.region, s.category
  FROM trend_sums AS s
  WHERE s.order_date > DATE_SUB(@report_date, INTERVAL 90 DAY)
),

numbered AS (
  SELECT
    s.*,
    ROW_NUMBER() OVER (
      ORDER BY
        CASE s.level WHEN 'total' THEN 1 WHEN 'region' THEN 2 WHEN 'category' THEN 3 ELSE 4 END,
        s.region = '(other)',
        s.region,
        s.category = '(other)',
        s.category
    ) AS series
  FROM shown AS s
),

calendar AS (
  SELECT day
  FROM UNNEST(GENERATE_DATE_ARRAY(DATE_SUB(@report_date, INTERVAL 145 DAY), @report_date)) AS day
)

SELECT
  n.series,
  n.level,
  n.region,
  n.category,
  c.day,
  COALESCE(s.orders, 0) AS orders,
  COALESCE(s.units, 0) AS units,
  COALESCE(s.revenue, NUMERIC '0') AS revenue,
  COALESCE(s.completed_revenue, NUMERIC '0') AS completed_revenue
FROM numbered AS n
CROSS JOIN calendar AS c
LEFT JOIN trend_sums AS s
  ON
    s.order_date = c.day
    AND s.level = n.level
    -- NULL on both sides at the levels that have none
    AND COALESCE(s.region, '') = COALESCE(n.region, '')
    AND COALESCE(s.category, '') = COALESCE(n.category, '');
