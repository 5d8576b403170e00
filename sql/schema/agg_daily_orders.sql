-- Grain: one row per day, tier, payment status and place with orders; always equal to a recomputation from fact_orders.
CREATE TABLE agg_daily_orders (
  order_date DATE NOT NULL OPTIONS (description = "Day of the orders on the shop's clock"),
  customer_tier STRING NOT NULL OPTIONS (description = "The customers' tier, as in fact_orders"),
  payment_status STRING NOT NULL OPTIONS (description = 'The payment status, as in fact_orders'),
  region STRING NOT NULL OPTIONS (description = 'The region, as in fact_orders'),
  state STRING OPTIONS (description = 'The state or province, as in fact_orders'),
  country STRING OPTIONS (description = 'The country, as in fact_orders'),
  orders INT64 NOT NULL OPTIONS (description = 'Orders placed'),
  total_revenue NUMERIC NOT NULL OPTIONS (description = 'Sum of total_amount, once per order'),
  refunded_revenue NUMERIC NOT NULL OPTIONS (description = 'Sum of refunded_amount, once per order'),
  paid_revenue NUMERIC NOT NULL OPTIONS (description = 'The revenue of dashboard and reports: sum of total_amount of the orders paid, less what was paid back'),
  updated_at TIMESTAMP NOT NULL OPTIONS (description = 'When the row was written')
)
PARTITION BY order_date
OPTIONS (description = 'Orders and revenue per day, tier, payment status and place');
