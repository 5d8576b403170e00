-- What the inventory's report of a day says of one product.
-- Grain: one row, none if there is no report of the day. Of a product that does not run short, all but report_date is NULL.
-- Reads only; run by the reporter.
-- @param product_id STRING
-- @param report_date DATE
SELECT
  r.report_date,
  a.alert,
  a.severity,
  a.stock_level,
  a.stock_left,
  a.units_28d,
  a.demand_per_day,
  a.days_of_cover,
  a.stock_out_date,
  a.revenue_at_risk,
  a.forecast_per_day
FROM report_runs AS r
LEFT JOIN report_inventory_alerts AS a
  ON a.report_date = r.report_date AND a.report_date = @report_date AND a.product_id = @product_id
WHERE r.report_date = @report_date AND r.report = 'inventory-alerts';
