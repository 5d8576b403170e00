-- Rows of a report in its order, one page at a time.
-- Grain: that of report_inventory_alerts. The select list is what the report's CSV file and the JSON API show.
-- Reads only; run by the reporter, and by its daily run for the files.
-- @param report_date DATE
-- @param after_position INT64
-- @param page_size INT64
SELECT
  r.position, r.product_id, r.product_name, r.category, r.alert, r.severity, r.is_active, r.stock_level,
  r.units_7d, r.units_28d, r.units_per_day_7d, r.units_per_day_28d, r.demand_per_day, r.days_of_cover,
  r.revenue_28d, r.first_sale_date, r.units_since_catalog, r.stock_left, r.stock_out_date, r.revenue_at_risk, r.forecast_per_day
FROM report_inventory_alerts AS r
WHERE r.report_date = @report_date AND r.position > @after_position
ORDER BY r.position
LIMIT @page_size;
