-- Grain: one row per date whose report cohorts and the tables that belong to it disagree: customers of a month by
-- report_cohorts that are not those of its days, revenue that differs, a row that stands twice, or more steps of orders than
-- orders.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH cohorts AS (
  SELECT
    c.report_date,
    c.cohort_month,
    SUM(IF(c.months_since = 0, c.customers, 0)) AS customers,
    SUM(c.revenue) AS revenue
  FROM report_cohorts AS c
  GROUP BY c.report_date, c.cohort_month
),

days AS (
  SELECT
    d.report_date,
    DATE_TRUNC(d.order_date, MONTH) AS cohort_month,
    SUM(IF(d.previous_date IS NULL, d.customers, 0)) AS customers,
    SUM(d.revenue) AS revenue
  FROM report_customer_days AS d
  WHERE NOT d.is_guest
  GROUP BY d.report_date, cohort_month
),

months AS (
  SELECT
    COALESCE(c.report_date, d.report_date) AS report_date,
    SUM(IF(COALESCE(c.customers, 0) != COALESCE(d.customers, 0), 1, 0)) AS differing,
    SUM(COALESCE(c.revenue, NUMERIC '0')) AS cohort_revenue,
    SUM(COALESCE(d.revenue, NUMERIC '0')) AS day_revenue
  FROM cohorts AS c
  FULL JOIN days AS d ON d.report_date = c.report_date AND d.cohort_month = c.cohort_month
  GROUP BY report_date
),

day_copies AS (
  SELECT d.report_date
  FROM report_customer_days AS d
  GROUP BY d.report_date, d.order_date, d.previous_date, d.is_guest
  HAVING COUNT(*) > 1
),

time_copies AS (
  SELECT t.report_date
  FROM report_order_times AS t
  GROUP BY t.report_date, t.order_date, t.step, t.seconds
  HAVING COUNT(*) > 1
),

steps AS (
  SELECT
    t.report_date,
    t.order_date,
    SUM(IF(t.step = 'placed', t.orders, 0)) AS placed,
    SUM(IF(t.step IN ('completed', 'pending'), t.orders, 0)) AS taken
  FROM report_order_times AS t
  GROUP BY t.report_date, t.order_date
)

SELECT CONCAT('report cohorts of ', CAST(m.report_date AS STRING), ': ', CAST(m.differing AS STRING), ' months have other customers than their days') AS detail
FROM months AS m
WHERE m.differing > 0
UNION ALL
SELECT CONCAT('report cohorts of ', CAST(m.report_date AS STRING), ': revenue is ', CAST(m.cohort_revenue AS STRING), ', of the days ', CAST(m.day_revenue AS STRING))
FROM months AS m
WHERE m.cohort_revenue != m.day_revenue
UNION ALL
SELECT DISTINCT CONCAT('report cohorts of ', CAST(c.report_date AS STRING), ': a row of report_customer_days stands more than once')
FROM day_copies AS c
UNION ALL
SELECT DISTINCT CONCAT('report cohorts of ', CAST(c.report_date AS STRING), ': a row of report_order_times stands more than once')
FROM time_copies AS c
UNION ALL
SELECT CONCAT('report cohorts of ', CAST(s.report_date AS STRING), ': of ', CAST(s.order_date AS STRING), ' report_order_times has ', CAST(s.taken AS STRING), ' orders with a step, and ', CAST(s.placed AS STRING), ' orders')
FROM steps AS s
WHERE s.taken > s.placed;
