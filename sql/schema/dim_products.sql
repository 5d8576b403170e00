-- Grain: one row per product (type 1). A row changes only by a newer landed_at.
CREATE TABLE dim_products (
  product_id STRING NOT NULL OPTIONS (description = 'The product'),
  product_name STRING NOT NULL OPTIONS (description = 'Display name'),
  category STRING OPTIONS (description = 'Category; NULL if the source gives none'),
  price NUMERIC NOT NULL OPTIONS (description = 'List price'),
  stock_level INT64 OPTIONS (description = 'Units in stock; NULL if the source gives none'),
  is_active BOOL NOT NULL OPTIONS (description = 'FALSE if the row says so, or a catalog (CATALOG_MODE) has lacked it since a file named it last'),
  content_hash STRING NOT NULL OPTIONS (description = "Hash of the row's canonical fields"),
  file_id STRING NOT NULL OPTIONS (description = 'File that wrote the row last'),
  landed_at TIMESTAMP NOT NULL OPTIONS (description = 'When that file landed'),
  updated_at TIMESTAMP NOT NULL OPTIONS (description = 'When the row took this content, or became active or inactive')
)
CLUSTER BY product_id
OPTIONS (description = 'Product catalog, price and stock');
