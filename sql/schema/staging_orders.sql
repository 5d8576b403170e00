-- Grain: one row per accepted order per reading (parse_id); appends may repeat a row.
-- Written by the writer with the Storage Write API; never touched by DML.
CREATE TABLE staging_orders (
  order_id STRING NOT NULL OPTIONS (description = 'The order, as the source names it'),
  customer_id STRING OPTIONS (description = 'The customer, as the source names it; NULL for a guest'),
  order_timestamp TIMESTAMP NOT NULL OPTIONS (description = 'When the order was placed'),
  items ARRAY<STRUCT<
    product_id STRING OPTIONS (description = 'The product, as the source names it; NULL for a line without one'),
    quantity INT64 OPTIONS (description = 'Units ordered'),
    unit_price NUMERIC OPTIONS (description = 'Price of one unit'),
    discount_amount NUMERIC OPTIONS (description = 'Discount on the line; NULL when the source states none')
  >> OPTIONS (description = "Lines of the order, in the source's order"),
  total_amount NUMERIC NOT NULL OPTIONS (description = 'What the source says the order costs'),
  currency STRING NOT NULL OPTIONS (description = 'ISO 4217 code of all amounts'),
  payment_status STRING NOT NULL OPTIONS (description = "Our word for the payment status; the source's, lower-case, if it is none of ours"),
  shipping_address STRUCT<
    street STRING OPTIONS (description = 'Street and number'),
    city STRING OPTIONS (description = 'City'),
    state STRING OPTIONS (description = 'State or province'),
    zipcode STRING OPTIONS (description = 'Postal code'),
    country STRING OPTIONS (description = 'Country')
  > OPTIONS (description = 'Where the order is shipped to; NULL when it is not shipped'),
  unknown_fields JSON OPTIONS (description = 'Fields that the schema does not know'),
  warnings ARRAY<STRING> OPTIONS (description = 'Rules that the record broke without being refused'),
  file_id STRING NOT NULL OPTIONS (description = 'The landed file'),
  parse_id STRING NOT NULL OPTIONS (description = 'The reading of the file'),
  record_index INT64 NOT NULL OPTIONS (description = 'Position in the file, from 0'),
  content_hash STRING NOT NULL OPTIONS (description = "Hash of the order's canonical fields"),
  landed_at TIMESTAMP NOT NULL OPTIONS (description = 'When the file landed'),
  landed_date DATE NOT NULL OPTIONS (description = 'Day of landed_at, UTC'),
  updated_at TIMESTAMP OPTIONS (description = 'Time of this version of the order; NULL when the source gives none'),
  payment_status_text STRING OPTIONS (description = "The source's own word for the payment status, lower-case"),
  tax_amount NUMERIC OPTIONS (description = 'Tax on the order; NULL when the source does not state it'),
  tax_included BOOL OPTIONS (description = 'Whether the prices of the lines contain the tax; NULL when the source does not say'),
  shipping_amount NUMERIC OPTIONS (description = 'Price of the shipping; NULL when the source does not state it'),
  discount_amount NUMERIC OPTIONS (description = 'Discount on the order as a whole; NULL when the source states none'),
  refunded_amount NUMERIC OPTIONS (description = 'What was paid back; NULL when the source does not state it'),
  utc_offset_seconds INT64 OPTIONS (description = "Seconds that the shop's clock was ahead of UTC at order_timestamp; NULL for none")
)
PARTITION BY landed_date
CLUSTER BY file_id
OPTIONS (description = 'Orders as read from the files', partition_expiration_days = 90);
