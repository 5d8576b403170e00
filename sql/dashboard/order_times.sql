-- How long the steps of the lives of a period's orders took, and how many orders wait for longer than is usual, as the
-- newest report knows it, which has 90 days.
-- Grain: one row per step that an order has taken: completed, refunded, and pending, whose time is how long it has waited so far.
-- Median and p90 are nearest ranks of the times as report_order_times has them, rounded down. overdue_orders are the
-- pending orders that have waited for longer than nine of ten completed orders of the period took; NULL of other steps and
-- if none was completed.
-- Reads only; run by the reporter.
-- @param report_date DATE
-- @param from_date DATE
-- @param to_date DATE
WITH taken AS (
  SELECT t.step, t.seconds, SUM(t.orders) AS orders
  FROM report_order_times AS t
  WHERE t.report_date = @report_date AND t.order_date BETWEEN @from_date AND @to_date AND t.step NOT IN ('placed', 'versions')
  GROUP BY t.step, t.seconds
),

cumulated AS (
  SELECT
    t.*,
    SUM(t.orders) OVER (PARTITION BY t.step ORDER BY t.seconds) AS orders_up_to,
    SUM(t.orders) OVER (PARTITION BY t.step) AS all_orders
  FROM taken AS t
),

steps AS (
  SELECT
    c.step,
    MAX(c.all_orders) AS orders,
    MIN(IF(c.orders_up_to * 2 >= c.all_orders, c.seconds, NULL)) AS p50_seconds,
    MIN(IF(c.orders_up_to * 10 >= c.all_orders * 9, c.seconds, NULL)) AS p90_seconds
  FROM cumulated AS c
  GROUP BY c.step
),

usual AS (
  SELECT MAX(s.p90_seconds) AS seconds
  FROM steps AS s
  WHERE s.step = 'completed'
),

waiting AS (
  SELECT SUM(IF(t.seconds > u.seconds, t.orders, 0)) AS orders
  FROM taken AS t
  CROSS JOIN usual AS u
  WHERE t.step = 'pending' AND u.seconds IS NOT NULL
)

SELECT @report_date AS report_date, s.step, s.orders, s.p50_seconds, s.p90_seconds, IF(s.step = 'pending', w.orders, NULL) AS overdue_orders
FROM steps AS s
CROSS JOIN waiting AS w
ORDER BY s.step;
