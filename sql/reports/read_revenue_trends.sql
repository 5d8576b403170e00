-- Rows of a report in its order, one page at a time.
-- Grain: that of report_revenue_trends. The select list is what the report's CSV file and the JSON API show.
-- Reads only; run by the reporter, and by its daily run for the files.
-- @param report_date DATE
-- @param after_position INT64
-- @param page_size INT64
SELECT
  r.position, r.granularity, r.level, r.region, r.category, r.period_start, r.period_end, r.orders,
  r.units, r.revenue, r.completed_revenue, r.previous_revenue, r.change_ratio, r.moving_average_7,
  r.moving_average_28, r.expected_revenue, r.deviation, r.anomaly
FROM report_revenue_trends AS r
WHERE r.report_date = @report_date AND r.position > @after_position
ORDER BY r.position
LIMIT @page_size;
