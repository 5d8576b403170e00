-- Grain: one finding per file of the batch that is quarantined, or that holds no record.
-- Run by the aggregator in its transaction; the ids are derived from what was found.
INSERT INTO batch_findings (check_id, check_type, severity, file_id, parse_id, record_index, order_id, issue_description)
SELECT
  TO_HEX(MD5(CONCAT(f.parse_id, '/', IF(f.verdict = 'loaded', 'empty_file', COALESCE(f.reason, 'unknown'))))),
  IF(f.verdict = 'loaded', 'empty_file', COALESCE(f.reason, 'unknown')),
  IF(f.verdict = 'loaded', 'info', 'error'),
  f.file_id,
  f.parse_id,
  CAST(NULL AS INT64),
  CAST(NULL AS STRING),
  IF(
    f.verdict = 'loaded',
    CONCAT('file archived: ', f.landing_name, ': it holds no record'),
    CONCAT('file quarantined: ', f.landing_name, ': ', COALESCE(f.reason_detail, ''))
  )
FROM batch_files AS f
WHERE f.verdict = 'quarantined' OR f.records = 0;
