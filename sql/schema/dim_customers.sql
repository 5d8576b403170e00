-- Grain: one row per customer (type 1). A row changes only by a newer landed_at.
CREATE TABLE dim_customers (
  customer_id STRING NOT NULL OPTIONS (description = 'The customer'),
  name STRING NOT NULL OPTIONS (description = 'Full name; personal data'),
  email STRING NOT NULL OPTIONS (description = 'E-mail address; personal data'),
  registration_date DATE OPTIONS (description = 'Day of registration; NULL if the source gives none'),
  customer_tier STRING OPTIONS (description = 'Loyalty tier; NULL if the source gives none'),
  is_active BOOL NOT NULL OPTIONS (description = 'FALSE if the row says so, or a catalog (CATALOG_MODE) has lacked it since a file named it last'),
  content_hash STRING NOT NULL OPTIONS (description = "Hash of the row's canonical fields"),
  file_id STRING NOT NULL OPTIONS (description = 'File that wrote the row last'),
  landed_at TIMESTAMP NOT NULL OPTIONS (description = 'When that file landed'),
  updated_at TIMESTAMP NOT NULL OPTIONS (description = 'When the row took this content, or became active or inactive')
)
CLUSTER BY customer_id
OPTIONS (description = 'Customer master data and tier');
