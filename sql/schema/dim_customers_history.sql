-- Grain: one row per customer and content that dim_customers has had (type 2), written when the row changes.
CREATE TABLE dim_customers_history (
  customer_id STRING NOT NULL OPTIONS (description = 'The customer'),
  name STRING NOT NULL OPTIONS (description = 'Full name; personal data'),
  email STRING NOT NULL OPTIONS (description = 'E-mail address; personal data'),
  registration_date DATE OPTIONS (description = 'Day of registration; NULL if the source gives none'),
  customer_tier STRING OPTIONS (description = 'Loyalty tier; NULL if the source gives none'),
  is_active BOOL NOT NULL OPTIONS (description = 'As in dim_customers at that time: FALSE once the row said so or a catalog lacked it'),
  content_hash STRING NOT NULL OPTIONS (description = "Hash of the row's canonical fields"),
  file_id STRING NOT NULL OPTIONS (description = 'File that wrote the row last'),
  landed_at TIMESTAMP NOT NULL OPTIONS (description = 'When that file landed'),
  valid_from TIMESTAMP NOT NULL OPTIONS (description = 'When the dimension began to show the row'),
  valid_to TIMESTAMP NOT NULL OPTIONS (description = 'When another took its place')
)
CLUSTER BY customer_id
OPTIONS (description = 'What dim_customers has shown before');
