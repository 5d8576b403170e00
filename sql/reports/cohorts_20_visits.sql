-- Grain: one row per month of customers' first paid orders, day with paid orders, and day on which its customers had paid
-- before (NULL: never). It names no customer, and is small: as many rows as pairs of days in each cohort, at most.
-- An order is paid if its status is completed, partially_refunded or refunded. A guest is no customer.
-- Run by the reporter's daily run, in the report's transaction. It reads four columns of all customers' days
-- up to the date: a customer's first order may be of any age.
-- @param report_date DATE
CREATE TEMP TABLE customer_visits AS
WITH paid_days AS (
  SELECT
    d.customer_id,
    d.order_date,
    SUM(d.paid_orders) AS bought, -- of a day on which the tier changed there are two rows
    SUM(d.paid_revenue) AS revenue
  FROM agg_daily_customers AS d
  WHERE d.order_date <= @report_date AND d.paid_orders > 0
  GROUP BY d.customer_id, d.order_date
),

visits AS (
  SELECT
    p.order_date,
    p.bought,
    p.revenue,
    DATE_TRUNC(MIN(p.order_date) OVER (PARTITION BY p.customer_id), MONTH) AS cohort_month,
    LAG(p.order_date) OVER (PARTITION BY p.customer_id ORDER BY p.order_date) AS previous_date,
    SUM(p.bought) OVER (PARTITION BY p.customer_id ORDER BY p.order_date) AS bought_so_far
  FROM paid_days AS p
)

SELECT
  v.cohort_month,
  v.order_date,
  v.previous_date,
  COUNT(*) AS customers,
  COUNTIF(v.bought_so_far >= 2 AND v.bought_so_far - v.bought < 2) AS second_customers,
  SUM(v.bought) AS bought,
  SUM(v.revenue) AS revenue
FROM visits AS v
GROUP BY v.cohort_month, v.order_date, v.previous_date;
