-- Grain: one row per date and product that sold in the 28 days up to the date and runs short or is unknown.
-- Written by the reporter's daily run, which replaces a date as a whole.
CREATE TABLE report_inventory_alerts (
  report_date DATE NOT NULL OPTIONS (description = "The day of the shop's clock that the report closes with"),
  position INT64 NOT NULL OPTIONS (description = 'Place in the report, from 1: most revenue at risk first, then what no catalog names'),
  product_id STRING NOT NULL OPTIONS (description = 'The product'),
  product_name STRING OPTIONS (description = 'Display name; NULL for a product that no catalog names'),
  category STRING NOT NULL OPTIONS (description = 'Category; none for a product without one, unknown for a product that no catalog names'),
  alert STRING NOT NULL OPTIONS (description = 'out_of_stock (nothing is left), low_cover or unknown_product'),
  severity STRING NOT NULL OPTIONS (description = 'critical or warning'),
  is_active BOOL OPTIONS (description = 'As in dim_products; NULL for an unknown product'),
  stock_level INT64 OPTIONS (description = 'Units in stock by the catalog of the run; NULL for an unknown product'),
  units_7d INT64 NOT NULL OPTIONS (description = 'Units sold in the 7 days up to the date; failed payments sell nothing'),
  units_28d INT64 NOT NULL OPTIONS (description = 'Units sold in the 28 days up to the date'),
  units_per_day_7d NUMERIC NOT NULL OPTIONS (description = 'units_7d / 7, or by the days from first_sale_date on if they are fewer'),
  units_per_day_28d NUMERIC NOT NULL OPTIONS (description = 'units_28d / 28, or by the days from first_sale_date on if they are fewer'),
  demand_per_day NUMERIC NOT NULL OPTIONS (description = 'The higher of the two'),
  days_of_cover NUMERIC OPTIONS (description = 'Days to come whose demand stock_left covers, 0 if nothing is left; NULL for an unknown product'),
  revenue_28d NUMERIC NOT NULL OPTIONS (description = 'Sum of line_total of the units sold in 28 days'),
  first_sale_date DATE OPTIONS (description = 'First day with a sale in the 90 days up to the date; NULL in reports of an earlier release'),
  units_since_catalog INT64 OPTIONS (description = 'Units ordered since the catalog landed that stated the stock, in these 90 days; NULL for an unknown product'),
  stock_left INT64 OPTIONS (description = 'stock_level less units_since_catalog; below 0 if more was sold than was stated'),
  stock_out_date DATE OPTIONS (description = 'First day whose demand the stock does not cover; NULL for an unknown product'),
  revenue_at_risk NUMERIC OPTIONS (description = 'Revenue of the units that will be lacking in COVER_WARNING_DAYS, at the average price of 28 days; to the cent; NULL for an unknown product'),
  forecast_per_day NUMERIC OPTIONS (description = 'Units per day of the next COVER_WARNING_DAYS by the forecast of its category, or of the shop; NULL without one: demand_per_day is taken')
)
PARTITION BY report_date
CLUSTER BY position
OPTIONS (description = 'Daily report: products that sell faster than the stock allows');
