-- Grain: one row per finding, and per file and rule one for those beyond MAX_FINDINGS_PER_RULE; check_id is derived
-- from what was found, so that finding it again adds nothing.
CREATE TABLE data_quality_checks (
  check_id STRING NOT NULL OPTIONS (description = 'Derived from reading, record and rule'),
  check_timestamp TIMESTAMP NOT NULL OPTIONS (description = 'When it was found'),
  check_type STRING NOT NULL OPTIONS (description = 'Rule id'),
  severity STRING NOT NULL OPTIONS (description = 'info, warning or error'),
  file_id STRING OPTIONS (description = 'The landed file'),
  record_index INT64 OPTIONS (description = 'Position in the file, from 0'),
  order_id STRING OPTIONS (description = 'The order'),
  issue_description STRING NOT NULL OPTIONS (description = 'What was found, for a person'),
  refused_content JSON OPTIONS (description = 'The order that was refused as a duplicate with other content; amounts as exact text'),
  resolved_at TIMESTAMP OPTIONS (description = 'When a catalog named what was missing; NULL while the finding is open'),
  occurrences INT64 OPTIONS (description = 'How many findings the row stands for; NULL for one'),
  ref_ids ARRAY<STRING> OPTIONS (description = 'The products or customers that are missing')
)
PARTITION BY TIMESTAMP_TRUNC(check_timestamp, DAY)
CLUSTER BY file_id
OPTIONS (description = 'Findings of all quality checks');
