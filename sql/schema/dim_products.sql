-- Grain: one row per product (type 1). A row changes only by a newer landed_at.
CREATE TABLE dim_products (
  product_id STRING NOT NULL OPTIONS (description = 'The product'),
  product_name STRING NOT NULL OPTIONS (description = 'Display name'),
  category STRING NOT NULL OPTIONS (description = 'Category'),
  price NUMERIC NOT NULL OPTIONS (description = 'List price'),
  stock_level INT64 NOT NULL OPTIONS (description = 'Units in stock'),
  is_active BOOL NOT NULL OPTIONS (description = 'Stood in the newest products file'),
  content_hash STRING NOT NULL OPTIONS (description = "Hash of the row's canonical fields"),
  file_id STRING NOT NULL OPTIONS (description = 'File that wrote the row last'),
  landed_at TIMESTAMP NOT NULL OPTIONS (description = 'When that file landed'),
  updated_at TIMESTAMP NOT NULL OPTIONS (description = 'When the row was written')
)
CLUSTER BY product_id
OPTIONS (description = 'Product catalog, price and stock');
