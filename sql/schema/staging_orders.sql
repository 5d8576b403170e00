-- Grain: one row per accepted order per reading (parse_id); appends may repeat a row.
-- Written by the writer with the Storage Write API; never touched by DML.
CREATE TABLE staging_orders (
  order_id STRING NOT NULL OPTIONS (description = 'The order, as the source names it'),
  customer_id STRING NOT NULL OPTIONS (description = 'The customer, as the source names it'),
  order_timestamp TIMESTAMP NOT NULL OPTIONS (description = 'When the order was placed'),
  items ARRAY<STRUCT<
    product_id STRING OPTIONS (description = 'The product, as the source names it'),
    quantity INT64 OPTIONS (description = 'Units ordered'),
    unit_price NUMERIC OPTIONS (description = 'Price of one unit')
  >> OPTIONS (description = "Lines of the order, in the source's order"),
  total_amount NUMERIC NOT NULL OPTIONS (description = 'What the source says the order costs'),
  currency STRING NOT NULL OPTIONS (description = 'ISO 4217 code of all amounts'),
  payment_status STRING NOT NULL OPTIONS (description = "The source's word for the payment status, lower-case"),
  shipping_address STRUCT<
    street STRING OPTIONS (description = 'Street and number'),
    city STRING OPTIONS (description = 'City'),
    state STRING OPTIONS (description = 'State or province'),
    zipcode STRING OPTIONS (description = 'Postal code'),
    country STRING OPTIONS (description = 'Country')
  > OPTIONS (description = 'Where the order is shipped to'),
  unknown_fields JSON OPTIONS (description = 'Fields that the schema does not know'),
  warnings ARRAY<STRING> OPTIONS (description = 'Rules that the record broke without being refused'),
  file_id STRING NOT NULL OPTIONS (description = 'The landed file'),
  parse_id STRING NOT NULL OPTIONS (description = 'The reading of the file'),
  record_index INT64 NOT NULL OPTIONS (description = 'Position in the file, from 0'),
  content_hash STRING NOT NULL OPTIONS (description = "Hash of the order's canonical fields"),
  landed_at TIMESTAMP NOT NULL OPTIONS (description = 'When the file landed'),
  landed_date DATE NOT NULL OPTIONS (description = 'Day of landed_at, UTC')
)
PARTITION BY landed_date
CLUSTER BY file_id
OPTIONS (description = 'Orders as read from the files', partition_expiration_days = 90);
