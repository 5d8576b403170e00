-- Grain: one row per customer without an order for @churn_after_days days or more.
-- The score is d / (d + e): d the days since the last order, e the interval to expect. It is 0.5 at
-- one such interval, 0.8 at four, and stays below 1. The interval to expect is the customer's usual
-- one, drawn towards that of the median customer by the weight of one pause: two orders on two days
-- make no rhythm, twenty do. Who has a single order day is measured by the median customer alone (the
-- lower of two; if nobody ever came back, @churn_after_days).
-- Run by the reporter's daily run, in the report's transaction.
-- @param report_date DATE
-- @param churn_after_days INT64
INSERT INTO report_churn_risk (
  report_date, position, customer_id, customer_name, customer_tier, first_order_date, last_order_date,
  days_since_last_order, orders, order_days, lifetime_value, completed_value,
  usual_interval_days, expected_interval_days, risk_score, risk_level
)
WITH intervals AS (
  SELECT r.usual_interval_days, COUNT(*) AS customers
  FROM customer_rhythms AS r
  WHERE r.usual_interval_days IS NOT NULL
  GROUP BY r.usual_interval_days
),

cumulated AS (
  SELECT
    i.usual_interval_days,
    SUM(i.customers) OVER (ORDER BY i.usual_interval_days) AS customers_up_to,
    SUM(i.customers) OVER () AS customers
  FROM intervals AS i
),

typical AS (
  SELECT COALESCE(MIN(c.usual_interval_days), CAST(@churn_after_days AS NUMERIC)) AS interval_days
  FROM cumulated AS c
  WHERE c.customers_up_to * 2 >= c.customers
),

absent AS (
  SELECT
    r.*,
    DATE_DIFF(@report_date, r.last_order_date, DAY) AS days_since_last_order,
    (COALESCE(r.usual_interval_days, NUMERIC '0') * (r.order_days - 1) + t.interval_days) / r.order_days AS expected_interval_days
  FROM customer_rhythms AS r
  CROSS JOIN typical AS t
  WHERE DATE_DIFF(@report_date, r.last_order_date, DAY) >= @churn_after_days
),

scored AS (
  SELECT
    a.*,
    ROUND(a.days_since_last_order / (a.days_since_last_order + a.expected_interval_days), 4) AS risk_score
  FROM absent AS a
)

SELECT
  @report_date,
  ROW_NUMBER() OVER (ORDER BY s.risk_score DESC, s.lifetime_value DESC, s.customer_id),
  s.customer_id,
  c.name,
  IF(c.customer_id IS NULL, 'unknown', COALESCE(c.customer_tier, 'none')),
  s.first_order_date,
  s.last_order_date,
  s.days_since_last_order,
  s.orders,
  s.order_days,
  s.lifetime_value,
  s.completed_value,
  s.usual_interval_days,
  s.expected_interval_days,
  s.risk_score,
  CASE WHEN s.risk_score >= NUMERIC '0.8' THEN 'high' WHEN s.risk_score >= NUMERIC '0.5' THEN 'medium' ELSE 'low' END
FROM scored AS s
LEFT JOIN dim_customers AS c ON c.customer_id = s.customer_id;
