-- Grain: one row per customer without an order for @churn_after_days days or more, and per customer who
-- came back at least once and is more likely gone than not, however few days that takes.
-- The score is the probability that the customer is gone, by MBG/CNBD-k, whose parameters the run has
-- fitted to a sample of all customers (package rhythm): 1 / (1 + odds), where the odds that he still buys
-- are how likely no order since the last one is, if so. The model's own logarithms and powers are FLOAT64;
-- each result is rounded to four decimals of NUMERIC before it meets an amount, so that whoever multiplies
-- the columns gets the same cents.
-- What is lost with a customer who is gone: his rate as it was until his last order, times what an order day
-- of his brought. The value at risk is that times the score.
-- The interval to expect is the customer's usual one, drawn towards that of the median customer by the weight
-- of one pause. Who has a single order day is measured by the median customer alone (the lower of two; if
-- nobody ever came back, @churn_after_days).
-- Run by the reporter's daily run, in the report's transaction.
-- @param report_date DATE
-- @param churn_after_days INT64
-- @param churn_value_days INT64
-- @param model_k INT64
-- @param model_r FLOAT64
-- @param model_alpha FLOAT64
-- @param model_a FLOAT64
-- @param model_b FLOAT64
INSERT INTO report_churn_risk (
  report_date, position, customer_id, customer_name, customer_tier, first_order_date, last_order_date,
  days_since_last_order, orders, order_days, lifetime_value, completed_value,
  usual_interval_days, expected_interval_days, risk_score, risk_level,
  segment, expected_order_days, expected_value, value_at_risk
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

watched AS (
  SELECT
    r.*,
    DATE_DIFF(@report_date, r.last_order_date, DAY) AS days_since_last_order,
    (COALESCE(r.usual_interval_days, NUMERIC '0') * (r.order_days - 1) + t.interval_days) / r.order_days AS expected_interval_days,
    @model_r + @model_k * (r.order_days - 1) AS shape,
    @model_alpha + DATE_DIFF(r.last_order_date, r.first_order_date, DAY) AS seen,
    @model_alpha + DATE_DIFF(@report_date, r.first_order_date, DAY) AS age
  FROM customer_rhythms AS r
  CROSS JOIN typical AS t
),

silent AS (
  SELECT w.*, w.days_since_last_order / w.age AS unseen
  FROM watched AS w
),

-- The terms are the stages of an Erlang-k pause in which the customer may be.
weighed AS (
  SELECT
    s.*,
    (@model_b + s.order_days - 1) / @model_a
    * (
      1
      + IF(@model_k > 1, s.shape * s.unseen, 0)
      + IF(@model_k > 2, s.shape * (s.shape + 1) * s.unseen * s.unseen / 2, 0)
      + IF(@model_k > 3, s.shape * (s.shape + 1) * (s.shape + 2) * s.unseen * s.unseen * s.unseen / 6, 0)
    )
    * EXP(s.shape * LN(s.seen / s.age)) AS odds_alive
  FROM silent AS s
),

scored AS (
  SELECT
    w.*,
    IF(w.order_days = 1, 'one_time', 'repeat') AS segment,
    CAST(ROUND(1 / (1 + w.odds_alive), 4) AS NUMERIC) AS risk_score,
    CAST(ROUND(@churn_value_days * w.shape / (@model_k * w.seen), 4) AS NUMERIC) AS expected_order_days
  FROM weighed AS w
),

valued AS (
  SELECT s.*, ROUND(s.lifetime_value * s.expected_order_days / s.order_days, 2) AS expected_value
  FROM scored AS s
  WHERE s.days_since_last_order >= @churn_after_days OR (s.segment = 'repeat' AND s.risk_score >= NUMERIC '0.5')
),

ranked AS (
  SELECT v.*, ROUND(v.expected_value * v.risk_score, 2) AS value_at_risk
  FROM valued AS v
)

SELECT
  @report_date,
  ROW_NUMBER() OVER (ORDER BY r.segment DESC, r.value_at_risk DESC, r.risk_score DESC, r.lifetime_value DESC, r.customer_id),
  r.customer_id,
  c.name,
  IF(c.customer_id IS NULL, 'unknown', COALESCE(c.customer_tier, 'none')),
  r.first_order_date,
  r.last_order_date,
  r.days_since_last_order,
  r.orders,
  r.order_days,
  r.lifetime_value,
  r.completed_value,
  r.usual_interval_days,
  r.expected_interval_days,
  r.risk_score,
  CASE WHEN r.risk_score >= NUMERIC '0.8' THEN 'high' WHEN r.risk_score >= NUMERIC '0.5' THEN 'medium' ELSE 'low' END,
  r.segment,
  r.expected_order_days,
  r.expected_value,
  r.value_at_risk
FROM ranked AS r
LEFT JOIN dim_customers AS c ON c.customer_id = r.customer_id;
