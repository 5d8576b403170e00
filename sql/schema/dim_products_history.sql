-- Grain: one row per product and content that dim_products has had (type 2), written when the row changes.
CREATE TABLE dim_products_history (
  product_id STRING NOT NULL OPTIONS (description = 'The product'),
  product_name STRING NOT NULL OPTIONS (description = 'Display name'),
  category STRING OPTIONS (description = 'Category; NULL if the source gives none'),
  price NUMERIC NOT NULL OPTIONS (description = 'List price'),
  stock_level INT64 OPTIONS (description = 'Units in stock; NULL if the source gives none'),
  is_active BOOL NOT NULL OPTIONS (description = 'As in dim_products at that time: FALSE once the row said so or a catalog lacked it'),
  content_hash STRING NOT NULL OPTIONS (description = "Hash of the row's canonical fields"),
  file_id STRING NOT NULL OPTIONS (description = 'File that wrote the row last'),
  landed_at TIMESTAMP NOT NULL OPTIONS (description = 'When that file landed'),
  valid_from TIMESTAMP NOT NULL OPTIONS (description = 'When the dimension began to show the row'),
  valid_to TIMESTAMP NOT NULL OPTIONS (description = 'When another took its place')
)
CLUSTER BY product_id
OPTIONS (description = 'What dim_products has shown before');
