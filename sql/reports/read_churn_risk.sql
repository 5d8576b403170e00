-- Rows of a report in its order, one page at a time.
-- Grain: that of report_churn_risk. The select list is what the report's CSV file and the JSON API show.
-- Reads only; run by the reporter, and by its daily run for the files.
-- @param report_date DATE
-- @param after_position INT64
-- @param page_size INT64
SELECT
  r.position, r.customer_id, r.customer_name, r.customer_tier, r.first_order_date, r.last_order_date,
  r.days_since_last_order, r.orders, r.order_days, r.lifetime_value, r.completed_value,
  r.usual_interval_days, r.expected_interval_days, r.risk_score, r.risk_level,
  r.segment, r.expected_order_days, r.expected_value, r.value_at_risk
FROM report_churn_risk AS r
WHERE r.report_date = @report_date AND r.position > @after_position
ORDER BY r.position
LIMIT @page_size;
