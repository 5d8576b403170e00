-- The order days of a sample of the customers, for the model of their rhythm.
-- Grain: one row per history that customers of the sample share: repeats, days from the first order day to the
-- last, days from the first to the report date. The sample is the @sample_size customers with the least
-- fingerprints, so that it is the same in every run. Logarithms are rounded to NUMERIC one by one, so that
-- their sum is the same in whatever order they are added.
-- Reads only; run by the reporter's daily run, before the report's transaction. It reads two columns of all
-- customers' days up to the date.
-- @param report_date DATE
-- @param sample_size INT64
WITH order_days AS (
  SELECT DISTINCT d.customer_id, d.order_date
  FROM agg_daily_customers AS d
  WHERE d.order_date <= @report_date
),

sampled AS (
  SELECT
    d.customer_id,
    COUNT(*) - 1 AS repeats,
    MIN(d.order_date) AS first_order_date,
    MAX(d.order_date) AS last_order_date
  FROM order_days AS d
  GROUP BY d.customer_id
  ORDER BY FARM_FINGERPRINT(d.customer_id), d.customer_id
  LIMIT @sample_size
),

visits AS (
  SELECT
    d.customer_id,
    DATE_DIFF(d.order_date, LAG(d.order_date) OVER (PARTITION BY d.customer_id ORDER BY d.order_date), DAY) AS pause
  FROM order_days AS d
  JOIN sampled AS s ON s.customer_id = d.customer_id
),

pauses AS (
  SELECT v.customer_id, SUM(CAST(ROUND(LN(v.pause), 9) AS NUMERIC)) AS log_pauses
  FROM visits AS v
  WHERE v.pause IS NOT NULL
  GROUP BY v.customer_id
)

SELECT
  s.repeats,
  DATE_DIFF(s.last_order_date, s.first_order_date, DAY) AS recency,
  DATE_DIFF(@report_date, s.first_order_date, DAY) AS age,
  COUNT(*) AS customers,
  COALESCE(SUM(p.log_pauses), NUMERIC '0') AS log_pauses
FROM sampled AS s
LEFT JOIN pauses AS p ON p.customer_id = s.customer_id
GROUP BY repeats, recency, age
ORDER BY repeats, recency, age;
