-- Grain: one row per day and category; always equal to a recomputation from fact_orders.
CREATE TABLE agg_category_revenue (
  metric_date DATE NOT NULL OPTIONS (description = "Day of the orders on the shop's clock"),
  category STRING NOT NULL OPTIONS (description = 'Product category'),
  orders INT64 NOT NULL OPTIONS (description = 'Distinct orders with a line in the category'),
  units INT64 NOT NULL OPTIONS (description = 'Units ordered'),
  revenue NUMERIC NOT NULL OPTIONS (description = 'Sum of line_total'),
  completed_revenue NUMERIC NOT NULL OPTIONS (description = 'Sum of line_total of orders paid'),
  updated_at TIMESTAMP NOT NULL OPTIONS (description = 'When the row was written'),
  headline_revenue NUMERIC OPTIONS (description = 'Sum of line_total of the orders that neither failed nor were called off'),
  paid_revenue NUMERIC OPTIONS (description = 'The revenue of dashboard and reports: sum of line_total of the orders paid and not paid back as a whole')
)
PARTITION BY metric_date
OPTIONS (description = 'Revenue per day and category');
