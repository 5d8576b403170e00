-- Whether there is a customer: whether the catalog names one, or one has ordered; from which day to which, and the newest
-- day of which the churn report was made. The first of 1970 stands for a day that there is not.
-- Grain: one row, none if there is no such customer.
-- Reads only; run by the reporter.
-- @param customer_id STRING
WITH ordered AS (
  SELECT @customer_id AS customer_id, MIN(d.order_date) AS first_date, MAX(d.order_date) AS last_date
  FROM agg_daily_customers AS d
  WHERE d.customer_id = @customer_id
),
catalog AS (
  SELECT c.customer_id
  FROM dim_customers AS c
  WHERE c.customer_id = @customer_id
),
newest AS (
  SELECT MAX(r.report_date) AS report_date
  FROM report_runs AS r
  WHERE r.report = 'churn-risk'
)
SELECT
  COALESCE(ordered.first_date, DATE(1970, 1, 1)) AS from_date,
  COALESCE(ordered.last_date, DATE(1970, 1, 1)) AS to_date,
  COALESCE(newest.report_date, DATE(1970, 1, 1)) AS report_date
FROM ordered
LEFT JOIN catalog ON catalog.customer_id = ordered.customer_id
CROSS JOIN newest
WHERE ordered.first_date IS NOT NULL OR catalog.customer_id IS NOT NULL;
