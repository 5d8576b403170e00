-- Grain: one finding per file of the batch that is quarantined.
-- Run by the aggregator in its transaction; the ids are derived from what was found.
-- @param now TIMESTAMP
INSERT INTO data_quality_checks (check_id, check_timestamp, check_type, severity, file_id, record_index, order_id, issue_description)
SELECT
  TO_HEX(MD5(CONCAT(f.parse_id, '/', COALESCE(f.reason, 'unknown')))),
  @now,
  COALESCE(f.reason, 'unknown'),
  'error',
  f.file_id,
  CAST(NULL AS INT64),
  CAST(NULL AS STRING),
  CONCAT('file quarantined: ', f.landing_name, ': ', COALESCE(f.reason_detail, ''))
FROM batch_files AS f
WHERE f.verdict = 'quarantined';
