-- Grain: one row per report of a date that has more or fewer rows than report_runs says, whose positions are
-- not 1 to their number, or that has rows but no run.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH positions AS (
  SELECT 'churn-risk' AS report, r.report_date, r.position FROM report_churn_risk AS r
  UNION ALL
  SELECT 'cohorts', r.report_date, r.position FROM report_cohorts AS r
  UNION ALL
  SELECT 'inventory-alerts', r.report_date, r.position FROM report_inventory_alerts AS r
  UNION ALL
  SELECT 'revenue-trends', r.report_date, r.position FROM report_revenue_trends AS r
  UNION ALL
  SELECT 'forecast', r.report_date, r.position FROM report_forecast AS r
  UNION ALL
  SELECT 'profile', r.report_date, r.position FROM report_profile AS r
  UNION ALL
  SELECT 'data-quality', r.report_date, r.position FROM report_data_quality AS r
),

stored AS (
  SELECT p.report, p.report_date, COUNT(*) AS row_count, COUNT(DISTINCT p.position) AS distinct_positions, MIN(p.position) AS least, MAX(p.position) AS most
  FROM positions AS p
  GROUP BY p.report, p.report_date
),

told AS (
  SELECT r.report, r.report_date, SUM(r.row_count) AS row_count, COUNT(*) AS copies
  FROM report_runs AS r
  GROUP BY r.report, r.report_date
)

SELECT
  CONCAT(
    'report ', COALESCE(t.report, s.report), ' of ', CAST(COALESCE(t.report_date, s.report_date) AS STRING), ': ',
    CASE
      WHEN t.report IS NULL THEN CONCAT(CAST(s.row_count AS STRING), ' rows, but no run in report_runs')
      WHEN t.copies > 1 THEN CONCAT(CAST(t.copies AS STRING), ' runs in report_runs')
      WHEN t.row_count != COALESCE(s.row_count, 0)
        THEN CONCAT('row_count is ', CAST(t.row_count AS STRING), ', the table has ', CAST(COALESCE(s.row_count, 0) AS STRING), ' rows')
      ELSE CONCAT('positions are not 1 to ', CAST(s.row_count AS STRING))
    END
  ) AS detail
FROM told AS t
FULL JOIN stored AS s ON s.report = t.report AND s.report_date = t.report_date
WHERE
  t.report IS NULL
  OR t.copies > 1
  OR t.row_count != COALESCE(s.row_count, 0)
  OR s.distinct_positions != s.row_count
  OR s.least != 1
  OR s.most != s.row_count;
