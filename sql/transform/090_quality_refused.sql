-- Grain: one finding per refused record of the batch.
-- Run by the aggregator in its transaction; the ids are derived from what was found.
INSERT INTO batch_findings (check_id, check_type, severity, file_id, parse_id, record_index, order_id, issue_description)
SELECT
  TO_HEX(MD5(CONCAT(r.parse_id, '/', CAST(r.record_index AS STRING), '/', r.rule))),
  r.rule,
  'error',
  r.file_id,
  r.parse_id,
  r.record_index,
  CAST(NULL AS STRING),
  CONCAT('record refused: ', IF(COALESCE(r.field_path, '') = '', '', CONCAT(r.field_path, ': ')), r.message)
FROM batch_refused AS r;
