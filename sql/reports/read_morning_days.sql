-- The day of a report and the same weekday in the 8 weeks before, as far as there was history, newest first.
-- Grain: one row per day. The expected revenue is the median of those before, as the report has it.
-- Reads only; run by the reporter.
-- @param report_date DATE
SELECT
  r.period_start AS day, r.orders, r.units, r.revenue, r.expected_revenue, r.deviation, r.anomaly
FROM report_revenue_trends AS r
WHERE
  r.report_date = @report_date
  AND r.granularity = 'day'
  AND r.level = 'total'
  AND MOD(DATE_DIFF(@report_date, r.period_start, DAY), 7) = 0
  AND DATE_DIFF(@report_date, r.period_start, DAY) <= 56
  -- A day before the first order has nothing before it, and no order.
  AND (r.period_start = @report_date OR r.orders > 0 OR r.previous_revenue IS NOT NULL)
ORDER BY r.period_start DESC;
