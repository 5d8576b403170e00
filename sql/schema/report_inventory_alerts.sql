-- Grain: one row per date and product that sold in the 28 days up to the date and runs short or is unknown.
-- Written by the reporter's daily run, which replaces a date as a whole.
CREATE TABLE report_inventory_alerts (
  report_date DATE NOT NULL OPTIONS (description = "The day of the shop's clock that the report closes with"),
  position INT64 NOT NULL OPTIONS (description = 'Place in the report, from 1: gravest first'),
  product_id STRING NOT NULL OPTIONS (description = 'The product'),
  product_name STRING OPTIONS (description = 'Display name; NULL for a product that no catalog names'),
  category STRING NOT NULL OPTIONS (description = 'Category; none for a product without one, unknown for a product that no catalog names'),
  alert STRING NOT NULL OPTIONS (description = 'out_of_stock, low_cover or unknown_product'),
  severity STRING NOT NULL OPTIONS (description = 'critical or warning'),
  is_active BOOL OPTIONS (description = 'As in dim_products; NULL for an unknown product'),
  stock_level INT64 OPTIONS (description = 'Units in stock by the catalog of the run; NULL for an unknown product'),
  units_7d INT64 NOT NULL OPTIONS (description = 'Units sold in the 7 days up to the date; failed payments sell nothing'),
  units_28d INT64 NOT NULL OPTIONS (description = 'Units sold in the 28 days up to the date'),
  units_per_day_7d NUMERIC NOT NULL OPTIONS (description = 'units_7d / 7'),
  units_per_day_28d NUMERIC NOT NULL OPTIONS (description = 'units_28d / 28'),
  demand_per_day NUMERIC NOT NULL OPTIONS (description = 'The higher of the two'),
  days_of_cover NUMERIC OPTIONS (description = 'stock_level / demand_per_day, 0 if nothing is in stock; NULL for an unknown product'),
  revenue_28d NUMERIC NOT NULL OPTIONS (description = 'Sum of line_total of the units sold in 28 days')
)
PARTITION BY report_date
CLUSTER BY position
OPTIONS (description = 'Daily report: products that sell faster than the stock allows');
