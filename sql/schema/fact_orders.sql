-- Grain: one row per line of an order; (order_id, line_number) is unique.
CREATE TABLE fact_orders (
  order_id STRING NOT NULL OPTIONS (description = 'The order'),
  line_number INT64 NOT NULL OPTIONS (description = 'Position of the line in the order, from 1'),
  customer_id STRING NOT NULL OPTIONS (description = 'The customer'),
  customer_tier STRING NOT NULL OPTIONS (description = "The customer's tier when the order was loaded; unknown until a customers file names it"),
  order_timestamp TIMESTAMP NOT NULL OPTIONS (description = 'When the order was placed'),
  order_date DATE NOT NULL OPTIONS (description = 'Day of order_timestamp, UTC'),
  order_hour INT64 NOT NULL OPTIONS (description = 'Hour of order_timestamp, UTC, 0 to 23'),
  product_id STRING NOT NULL OPTIONS (description = 'The product'),
  product_name STRING OPTIONS (description = "The product's name when the order was loaded"),
  category STRING NOT NULL OPTIONS (description = "The product's category; unknown until a products file names it"),
  category_line_number INT64 OPTIONS (description = 'Position of the line among the lines of its category in the order, from 1; the lines numbered 1 count the orders of a category'),
  quantity INT64 NOT NULL OPTIONS (description = 'Units ordered'),
  unit_price NUMERIC NOT NULL OPTIONS (description = 'Price of one unit, as ordered'),
  line_total NUMERIC NOT NULL OPTIONS (description = 'quantity x unit_price'),
  total_amount NUMERIC NOT NULL OPTIONS (description = 'What the source says the whole order costs; repeated on each line'),
  payment_status STRING NOT NULL OPTIONS (description = "completed, pending, failed or the source's own word"),
  street STRING OPTIONS (description = 'Street and number'),
  city STRING OPTIONS (description = 'City'),
  state STRING OPTIONS (description = 'State or province'),
  zipcode STRING OPTIONS (description = 'Postal code'),
  country STRING OPTIONS (description = 'Country'),
  region STRING NOT NULL OPTIONS (description = 'US Census region of the state; else the country'),
  file_id STRING NOT NULL OPTIONS (description = 'File that the order came from'),
  record_index INT64 NOT NULL OPTIONS (description = 'Position of the order in that file'),
  loaded_at TIMESTAMP NOT NULL OPTIONS (description = 'When the row was written')
)
PARTITION BY order_date
CLUSTER BY customer_id
OPTIONS (description = 'Order lines, enriched');
