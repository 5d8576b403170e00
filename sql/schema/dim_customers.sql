-- Grain: one row per customer (type 1). A row changes only by a newer landed_at.
CREATE TABLE dim_customers (
  customer_id STRING NOT NULL OPTIONS (description = 'The customer'),
  name STRING NOT NULL OPTIONS (description = 'Full name; personal data'),
  email STRING NOT NULL OPTIONS (description = 'E-mail address; personal data'),
  registration_date DATE NOT NULL OPTIONS (description = 'Day of registration'),
  customer_tier STRING NOT NULL OPTIONS (description = 'Loyalty tier'),
  is_active BOOL NOT NULL OPTIONS (description = 'Stood in the newest customers file'),
  content_hash STRING NOT NULL OPTIONS (description = "Hash of the row's canonical fields"),
  file_id STRING NOT NULL OPTIONS (description = 'File that wrote the row last'),
  landed_at TIMESTAMP NOT NULL OPTIONS (description = 'When that file landed'),
  updated_at TIMESTAMP NOT NULL OPTIONS (description = 'When the row was written')
)
CLUSTER BY customer_id
OPTIONS (description = 'Customer master data and tier');
