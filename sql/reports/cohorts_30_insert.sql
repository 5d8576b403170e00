-- Grain: one row per month of first paid orders and month since, the month of the date included.
-- A customer counts in a month by the first of the days there, which the day before tells: it is of an earlier month.
-- Run by the reporter's daily run, in the report's transaction.
-- @param report_date DATE
INSERT INTO report_cohorts (
  report_date, position, cohort_month, months_since, is_over, customers, buyers, buyer_share, orders, revenue, cumulative_revenue, revenue_per_customer
)
WITH visits AS (
  SELECT
    v.*,
    DATE_DIFF(v.order_date, v.cohort_month, MONTH) AS months_since,
    v.previous_date IS NULL OR DATE_DIFF(v.order_date, v.previous_date, MONTH) > 0 AS is_first_of_month
  FROM customer_visits AS v
),

months AS (
  SELECT
    v.cohort_month,
    v.months_since,
    SUM(IF(v.is_first_of_month, v.customers, 0)) AS buyers,
    SUM(v.bought) AS orders,
    SUM(v.revenue) AS revenue
  FROM visits AS v
  GROUP BY v.cohort_month, v.months_since
),

cohorts AS (
  SELECT v.cohort_month, SUM(IF(v.previous_date IS NULL, v.customers, 0)) AS customers
  FROM visits AS v
  GROUP BY v.cohort_month
),

calendar AS (
  SELECT c.cohort_month, c.customers, months_since
  FROM cohorts AS c
  CROSS JOIN UNNEST(GENERATE_ARRAY(0, DATE_DIFF(@report_date, c.cohort_month, MONTH))) AS months_since
),

filled AS (
  SELECT
    c.*,
    COALESCE(m.buyers, 0) AS buyers,
    COALESCE(m.orders, 0) AS orders,
    COALESCE(m.revenue, NUMERIC '0') AS revenue,
    SUM(COALESCE(m.revenue, NUMERIC '0')) OVER (PARTITION BY c.cohort_month ORDER BY c.months_since) AS cumulative_revenue
  FROM calendar AS c
  LEFT JOIN months AS m ON m.cohort_month = c.cohort_month AND m.months_since = c.months_since
)

SELECT
  @report_date,
  ROW_NUMBER() OVER (ORDER BY f.cohort_month DESC, f.months_since),
  f.cohort_month,
  f.months_since,
  f.months_since < DATE_DIFF(DATE_ADD(@report_date, INTERVAL 1 DAY), f.cohort_month, MONTH),
  f.customers,
  f.buyers,
  ROUND(CAST(f.buyers AS NUMERIC) / f.customers, 4),
  f.orders,
  f.revenue,
  f.cumulative_revenue,
  ROUND(f.cumulative_revenue / f.customers, 2)
FROM filled AS f;
