-- Grain: one row per day, product and payment status with order lines; always equal to a recomputation from
-- fact_orders. Lines without a product are in none.
CREATE TABLE agg_daily_products (
  order_date DATE NOT NULL OPTIONS (description = "Day of the orders on the shop's clock"),
  product_id STRING NOT NULL OPTIONS (description = 'The product'),
  payment_status STRING NOT NULL OPTIONS (description = 'The payment status of the orders, as in fact_orders'),
  product_name STRING OPTIONS (description = 'The name that the lines give the product; of several the last in order of the alphabet'),
  category STRING NOT NULL OPTIONS (description = 'The category that the lines give the product; of several the last in order of the alphabet'),
  order_lines INT64 NOT NULL OPTIONS (description = 'Order lines'),
  units INT64 NOT NULL OPTIONS (description = 'Units ordered'),
  total_revenue NUMERIC NOT NULL OPTIONS (description = 'Sum of line_total'),
  updated_at TIMESTAMP NOT NULL OPTIONS (description = 'When the row was written')
)
PARTITION BY order_date
OPTIONS (description = 'Units and revenue per day, product and payment status');
