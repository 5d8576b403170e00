-- Grain: one row per landed file; records = loaded + duplicates + rejected + held.
CREATE TABLE file_ledger (
  file_id STRING NOT NULL OPTIONS (description = 'The landed file'),
  parse_id STRING NOT NULL OPTIONS (description = 'The reading that counted'),
  revision INT64 NOT NULL OPTIONS (description = 'From 1; rises when the file is reprocessed'),
  kind STRING NOT NULL OPTIONS (description = 'orders, products, customers or unknown'),
  landing_name STRING NOT NULL OPTIONS (description = 'Object name under landing/'),
  bytes INT64 NOT NULL OPTIONS (description = 'Size of the object'),
  records INT64 NOT NULL OPTIONS (description = 'Records found in the file'),
  loaded INT64 NOT NULL OPTIONS (description = 'Records that own their key in the warehouse, or did until a later version replaced theirs'),
  lines INT64 NOT NULL OPTIONS (description = 'Rows added to fact_orders'),
  duplicates INT64 NOT NULL OPTIONS (description = 'Records that repeat what is already loaded'),
  rejected INT64 NOT NULL OPTIONS (description = 'Records refused'),
  held INT64 NOT NULL OPTIONS (description = 'Good records of a file that failed as a whole'),
  verdict STRING NOT NULL OPTIONS (description = 'loaded or quarantined'),
  reason STRING OPTIONS (description = 'Rule that quarantined the file'),
  landed_at TIMESTAMP NOT NULL OPTIONS (description = 'When the file landed'),
  claimed_at TIMESTAMP OPTIONS (description = 'When the watcher claimed it'),
  parsed_at TIMESTAMP OPTIONS (description = 'When the parser had published all of it'),
  loaded_at TIMESTAMP NOT NULL OPTIONS (description = 'When this row was written'),
  overrides STRING OPTIONS (description = 'What this revision was allowed: accept_refused, accept_duplicates, with commas'),
  rejected_by_rule ARRAY<STRUCT<
    rule STRING OPTIONS (description = 'Rule that refused the records'),
    records INT64 OPTIONS (description = 'How many of them')
  >> OPTIONS (description = 'The rejected records by rule, in order of the rule'),
  updated INT64 OPTIONS (description = 'Loaded records that replaced an earlier version of their order'),
  transaction_number INT64 OPTIONS (description = 'Number of the transaction that wrote this row, from 1'),
  left_out ARRAY<STRUCT<
    first_index INT64 OPTIONS (description = 'Position of the first record of the range'),
    last_index INT64 OPTIONS (description = 'Position of the last record of the range'),
    outcome STRING OPTIONS (description = 'duplicate, conflict, stale, superseded, held or refused')
  >> OPTIONS (description = 'Published records that did not become facts in that transaction, in order of position'),
  restored ARRAY<STRUCT<
    file_id STRING OPTIONS (description = 'File of the records'),
    parse_id STRING OPTIONS (description = 'The reading of it that counts'),
    first_index INT64 OPTIONS (description = 'Position of the first record of the range'),
    last_index INT64 OPTIONS (description = 'Position of the last record of the range'),
    transaction_number INT64 OPTIONS (description = 'Number of the transaction that brought them back')
  >> OPTIONS (description = 'Records of other files that count again, because a new reading of this file no longer held their orders'),
  left_out_truncated BOOL OPTIONS (description = 'Whether left_out or restored lacks ranges, being too long'),
  catalog_mode STRING OPTIONS (description = 'Of products and customers: full, parts or delta; NULL is full')
)
CLUSTER BY file_id
OPTIONS (description = 'What became of every file');
