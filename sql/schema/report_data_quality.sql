-- Grain: one row per date, check, table and subject.
-- Written by the reporter's daily run, which replaces a date as a whole.
CREATE TABLE report_data_quality (
  report_date DATE NOT NULL OPTIONS (description = "The day of the shop's clock that the report closes with"),
  position INT64 NOT NULL OPTIONS (description = 'Place in the report, from 1'),
  section STRING NOT NULL OPTIONS (description = 'findings, completeness, duplicates, references, freshness, volume, ledger, rows or expectations'),
  check_name STRING NOT NULL OPTIONS (description = 'What was measured'),
  table_name STRING NOT NULL OPTIONS (description = 'Table that was measured; for findings the kind of file'),
  subject STRING OPTIONS (description = 'Rule, column or kind of file; NULL if the table as a whole'),
  value NUMERIC NOT NULL OPTIONS (description = 'The measure'),
  unit STRING NOT NULL OPTIONS (description = 'count, share, hours or amount'),
  expectation STRING OPTIONS (description = 'What the value should be, for a person; NULL if it is only told'),
  status STRING NOT NULL OPTIONS (description = 'ok, info, warning or error'),
  examples STRING OPTIONS (description = 'JSON array of the ids of up to five records that break an expectation; NULL of all else')
)
PARTITION BY report_date
CLUSTER BY position
OPTIONS (description = 'Daily report: audit of the data quality');
