-- Grain: one row per day, customer and tier with orders; always equal to a recomputation from fact_orders.
-- Orders of guests are in none. Distinct customers of several days are told from it, exactly.
CREATE TABLE agg_daily_customers (
  order_date DATE NOT NULL OPTIONS (description = "Day of the orders on the shop's clock"),
  customer_id STRING NOT NULL OPTIONS (description = 'The customer'),
  customer_tier STRING NOT NULL OPTIONS (description = "The customer's tier, as in fact_orders"),
  orders INT64 NOT NULL OPTIONS (description = 'Orders placed'),
  headline_revenue NUMERIC NOT NULL OPTIONS (description = 'Sum of total_amount - refunded_amount of the orders that neither failed nor were called off'),
  completed_revenue NUMERIC NOT NULL OPTIONS (description = 'Sum of total_amount of the orders paid'),
  updated_at TIMESTAMP NOT NULL OPTIONS (description = 'When the row was written'),
  paid_orders INT64 OPTIONS (description = 'Orders paid: completed, partially_refunded or refunded; NULL for rows that provisioning has yet to bring along'),
  paid_revenue NUMERIC OPTIONS (description = 'Sum of total_amount of the orders paid, less what was paid back; NULL as before')
)
PARTITION BY order_date
CLUSTER BY customer_id
OPTIONS (description = 'Orders and revenue per day and customer');
