-- Grain: one row per line of an order that a transaction took out of fact_orders, as it stood there then: a later
-- version replaced the order, or its file was read again. The facts showed it from loaded_at until removed_at.
-- Rows are added and never changed.
CREATE TABLE fact_orders_history (
  order_id STRING NOT NULL OPTIONS (description = 'The order'),
  line_number INT64 NOT NULL OPTIONS (description = 'Position of the line in the order, from 1'),
  customer_id STRING OPTIONS (description = 'The customer; NULL for a guest'),
  customer_tier STRING NOT NULL OPTIONS (description = "The customer's tier, as in fact_orders when the line was removed"),
  order_timestamp TIMESTAMP NOT NULL OPTIONS (description = 'When the order was placed'),
  order_date DATE NOT NULL OPTIONS (description = "Day of order_timestamp on the shop's clock"),
  product_id STRING OPTIONS (description = 'The product; NULL for a line without one'),
  category STRING NOT NULL OPTIONS (description = "The product's category, as in fact_orders when the line was removed"),
  line_total NUMERIC NOT NULL OPTIONS (description = 'quantity x unit_price, less the discount on the line'),
  total_amount NUMERIC NOT NULL OPTIONS (description = 'What the source says the whole order costs; repeated on each line'),
  refunded_amount NUMERIC OPTIONS (description = 'What was paid back of the whole order; repeated on each line'),
  payment_status STRING NOT NULL OPTIONS (description = 'The payment status, as in fact_orders'),
  state STRING OPTIONS (description = 'State or province'),
  country STRING OPTIONS (description = 'Country'),
  region STRING NOT NULL OPTIONS (description = 'The region, as in fact_orders'),
  file_id STRING NOT NULL OPTIONS (description = 'File that the order came from'),
  record_index INT64 NOT NULL OPTIONS (description = 'Position of the order in that file'),
  loaded_at TIMESTAMP NOT NULL OPTIONS (description = 'Transaction that wrote the line'),
  removed_at TIMESTAMP NOT NULL OPTIONS (description = 'Transaction that removed it')
)
PARTITION BY order_date
CLUSTER BY removed_at
OPTIONS (description = 'Order lines that the facts showed before');
