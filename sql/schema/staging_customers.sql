-- Grain: one row per accepted customer row per reading (parse_id); appends may repeat a row.
-- Written by the writer with the Storage Write API; never touched by DML.
CREATE TABLE staging_customers (
  customer_id STRING NOT NULL OPTIONS (description = 'The customer, as the source names it'),
  name STRING NOT NULL OPTIONS (description = 'Full name; personal data'),
  email STRING NOT NULL OPTIONS (description = 'E-mail address; personal data'),
  registration_date DATE OPTIONS (description = 'Day of registration; NULL if the source gives none'),
  customer_tier STRING OPTIONS (description = 'Loyalty tier, lower-case; NULL if the source gives none'),
  unknown_fields JSON OPTIONS (description = 'Columns that the schema does not know'),
  warnings ARRAY<STRING> OPTIONS (description = 'Rules that the record broke without being refused'),
  file_id STRING NOT NULL OPTIONS (description = 'The landed file'),
  parse_id STRING NOT NULL OPTIONS (description = 'The reading of the file'),
  record_index INT64 NOT NULL OPTIONS (description = 'Position in the file, from 0'),
  content_hash STRING NOT NULL OPTIONS (description = "Hash of the row's canonical fields"),
  landed_at TIMESTAMP NOT NULL OPTIONS (description = 'When the file landed'),
  landed_date DATE NOT NULL OPTIONS (description = 'Day of landed_at, UTC'),
  is_active BOOL OPTIONS (description = 'FALSE if the row says that it is not; otherwise NULL')
)
PARTITION BY landed_date
CLUSTER BY file_id
OPTIONS (description = 'Customers as read from the files', partition_expiration_days = 90);
