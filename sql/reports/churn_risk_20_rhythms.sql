-- Grain: one row per customer who ever ordered up to the report date: what and how often.
-- The usual interval is the median of the days between consecutive order days, so that two orders
-- of one day are one visit and a single long pause weighs little. It is NULL with one order day.
-- The value of a customer is what the hours call headline revenue: without what was paid back, and without
-- orders that failed or were called off, but with those that may still be paid. A guest is no customer.
-- Run by the reporter's daily run, in the report's transaction. It reads five columns of all customers' days
-- up to the date: a customer's first order may be of any age.
-- @param report_date DATE
CREATE TEMP TABLE customer_rhythms AS
WITH order_days AS (
  SELECT
    d.customer_id,
    d.order_date,
    SUM(d.orders) AS orders, -- of a day on which the tier changed there are two rows
    SUM(d.headline_revenue) AS amount,
    SUM(d.completed_revenue) AS completed_amount
  FROM agg_daily_customers AS d
  WHERE d.order_date <= @report_date
  GROUP BY d.customer_id, d.order_date
),

visits AS (
  SELECT
    d.*,
    DATE_DIFF(d.order_date, LAG(d.order_date) OVER (PARTITION BY d.customer_id ORDER BY d.order_date), DAY) AS pause
  FROM order_days AS d
),

customers AS (
  SELECT
    v.customer_id,
    MIN(v.order_date) AS first_order_date,
    MAX(v.order_date) AS last_order_date,
    SUM(v.orders) AS orders,
    COUNT(*) AS order_days,
    SUM(v.amount) AS lifetime_value,
    SUM(v.completed_amount) AS completed_value,
    ARRAY_AGG(v.pause IGNORE NULLS ORDER BY v.pause) AS pauses
  FROM visits AS v
  GROUP BY v.customer_id
)

SELECT
  c.* EXCEPT (pauses),
  CAST(c.pauses[SAFE_OFFSET(DIV(c.order_days - 2, 2))] + c.pauses[SAFE_OFFSET(DIV(c.order_days - 1, 2))] AS NUMERIC) / 2 AS usual_interval_days
FROM customers AS c;
