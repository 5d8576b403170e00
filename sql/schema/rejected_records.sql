-- Grain: one row per refused record per reading (parse_id); appends may repeat a row,
-- so readers use v_rejected_records. Written by the writer; never touched by DML.
CREATE TABLE rejected_records (
  file_id STRING NOT NULL OPTIONS (description = 'The landed file'),
  parse_id STRING NOT NULL OPTIONS (description = 'The reading of the file'),
  record_index INT64 NOT NULL OPTIONS (description = 'Position in the file, from 0'),
  kind STRING NOT NULL OPTIONS (description = 'orders, products or customers'),
  landing_name STRING NOT NULL OPTIONS (description = 'Object name under landing/'),
  byte_offset INT64 NOT NULL OPTIONS (description = 'Offset of the record in the decompressed file'),
  byte_length INT64 NOT NULL OPTIONS (description = 'Length of the whole record'),
  payload BYTES OPTIONS (description = "The record's original bytes, at most the first MiB"),
  sha256 STRING NOT NULL OPTIONS (description = 'SHA-256 of the whole record, hexadecimal'),
  rule STRING NOT NULL OPTIONS (description = 'Rule that refused it'),
  field_path STRING OPTIONS (description = 'Field at fault'),
  message STRING NOT NULL OPTIONS (description = 'What is wrong, for a person'),
  parser_version STRING NOT NULL OPTIONS (description = "Version of the parser's rules"),
  rejected_at TIMESTAMP NOT NULL OPTIONS (description = 'When it was refused'),
  landed_at TIMESTAMP NOT NULL OPTIONS (description = 'When the file landed'),
  landed_date DATE NOT NULL OPTIONS (description = 'Day of landed_at, UTC'),
  faults JSON OPTIONS (description = 'What is wrong, each fault by itself: an array of objects with rule, field_path and message, at most 20'),
  fault_count INT64 OPTIONS (description = 'How many faults the record has, those included that are not listed')
)
PARTITION BY landed_date
CLUSTER BY file_id
OPTIONS (description = 'Records that were refused, with their original bytes');
