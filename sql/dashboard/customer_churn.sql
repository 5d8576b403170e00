-- What the churn report of a day says of one customer.
-- Grain: one row, none if there is no report of the day. Of a customer who is not in it, all but report_date is NULL.
-- Reads only; run by the reporter.
-- @param customer_id STRING
-- @param report_date DATE
SELECT
  r.report_date,
  c.risk_level,
  c.risk_score,
  c.segment,
  c.days_since_last_order,
  c.usual_interval_days,
  c.expected_interval_days,
  c.lifetime_value,
  c.expected_value,
  c.value_at_risk
FROM report_runs AS r
LEFT JOIN report_churn_risk AS c
  ON c.report_date = r.report_date AND c.report_date = @report_date AND c.customer_id = @customer_id
WHERE r.report_date = @report_date AND r.report = 'churn-risk';
