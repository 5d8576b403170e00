-- Grain: one row per day with paid orders and day on which its customers had paid before, and one per day with paid
-- orders of guests. Those of guests are all of the day's less those of customers.
-- Run by the reporter's daily run, in the report's transaction. It reads four columns of all days by place.
-- @param report_date DATE
INSERT INTO report_customer_days (report_date, order_date, previous_date, is_guest, customers, second_customers, orders, revenue)
WITH known AS (
  SELECT
    v.order_date,
    v.previous_date,
    SUM(v.customers) AS customers,
    SUM(v.second_customers) AS second_customers,
    SUM(v.bought) AS orders,
    SUM(v.revenue) AS revenue
  FROM customer_visits AS v
  GROUP BY v.order_date, v.previous_date
),

all_orders AS (
  SELECT d.order_date, SUM(d.orders) AS orders, SUM(d.paid_revenue) AS revenue
  FROM agg_daily_orders AS d
  WHERE d.order_date <= @report_date AND d.payment_status IN ('completed', 'partially_refunded', 'refunded')
  GROUP BY d.order_date
),

known_days AS (
  SELECT k.order_date, SUM(k.orders) AS orders, SUM(k.revenue) AS revenue
  FROM known AS k
  GROUP BY k.order_date
),

guests AS (
  SELECT a.order_date, a.orders - COALESCE(k.orders, 0) AS orders, a.revenue - COALESCE(k.revenue, NUMERIC '0') AS revenue
  FROM all_orders AS a
  LEFT JOIN known_days AS k ON k.order_date = a.order_date
)

SELECT @report_date, k.order_date, k.previous_date, FALSE, k.customers, k.second_customers, k.orders, k.revenue
FROM known AS k
UNION ALL
SELECT @report_date, g.order_date, CAST(NULL AS DATE), TRUE, 0, 0, g.orders, g.revenue
FROM guests AS g
WHERE g.orders > 0;
