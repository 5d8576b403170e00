-- Rows of a report in its order, one page at a time.
-- Grain: that of report_forecast. The select list is what the report's CSV file and the JSON API show.
-- Reads only; run by the reporter, and by its daily run for the files.
-- @param report_date DATE
-- @param after_position INT64
-- @param page_size INT64
SELECT
  r.position, r.category, r.forecast_date, r.history_days,
  r.orders, r.orders_low, r.orders_high, r.units, r.units_low, r.units_high, r.revenue, r.revenue_low, r.revenue_high,
  r.orders_wape, r.orders_naive_wape, r.units_wape, r.units_naive_wape, r.revenue_wape, r.revenue_naive_wape, r.model
FROM report_forecast AS r
WHERE r.report_date = @report_date AND r.position > @after_position
ORDER BY r.position
LIMIT @page_size;
