-- Grain: one row per day that has facts, keys of orders or aggregates: what the audit's newest recount of the day
-- found, all of one snapshot. A day is recounted when it has changed, when its recount found a fault, and when its
-- turn comes: those whose recount is oldest first.
-- Written by the reporter's daily run, in the transaction of the report data-quality, which sums these rows up.
CREATE TABLE audit_days (
  order_date DATE NOT NULL OPTIONS (description = "Day of the orders on the shop's clock"),
  recounted_at TIMESTAMP NOT NULL OPTIONS (description = 'When the run that recounted the day began to'),
  order_lines INT64 NOT NULL OPTIONS (description = 'Rows of fact_orders'),
  orders INT64 NOT NULL OPTIONS (description = 'First lines of orders in fact_orders'),
  revenue NUMERIC NOT NULL OPTIONS (description = 'Sum of their total_amount'),
  line_revenue NUMERIC NOT NULL OPTIONS (description = 'Sum of line_total of all lines'),
  restated_at TIMESTAMP OPTIONS (description = 'When the newest row of the aggregates was written; NULL if there was none'),
  hour_orders INT64 NOT NULL OPTIONS (description = 'Orders in agg_hourly_metrics'),
  hour_revenue NUMERIC NOT NULL OPTIONS (description = 'Revenue in agg_hourly_metrics'),
  category_revenue NUMERIC NOT NULL OPTIONS (description = 'Revenue in agg_category_revenue'),
  place_orders INT64 NOT NULL OPTIONS (description = 'Orders in agg_daily_orders'),
  place_revenue NUMERIC NOT NULL OPTIONS (description = 'Revenue in agg_daily_orders'),
  file_orders INT64 NOT NULL OPTIONS (description = 'Orders in agg_daily_files'),
  file_lines INT64 NOT NULL OPTIONS (description = 'Order lines in agg_daily_files'),
  differing_products INT64 NOT NULL OPTIONS (description = 'Products whose lines or revenue in agg_daily_products are not those of the facts'),
  differing_customers INT64 NOT NULL OPTIONS (description = 'Customers whose orders in agg_daily_customers are not those of the facts'),
  differing_files INT64 NOT NULL OPTIONS (description = 'Files whose orders or lines in agg_daily_files are not those of the facts'),
  repeated_lines INT64 NOT NULL OPTIONS (description = 'Lines that repeat another of their order and number'),
  mixed_orders INT64 NOT NULL OPTIONS (description = 'Orders whose lines are of more than one record'),
  orders_without_owner INT64 NOT NULL OPTIONS (description = 'First lines of orders that have no key on the day'),
  owners_without_order INT64 NOT NULL OPTIONS (description = 'Keys of orders that have no first line on the day'),
  unnamed_lines INT64 NOT NULL OPTIONS (description = "Lines without the product's name that the catalog knew"),
  untiered_lines INT64 NOT NULL OPTIONS (description = "Lines noted as waiting for the customer's tier, which the catalog knew"),
  faults INT64 NOT NULL OPTIONS (description = 'The faults above, and sums of aggregates that are not those of the facts, counted; 0 if all is well')
)
OPTIONS (description = 'Newest recount of each day of the facts');
