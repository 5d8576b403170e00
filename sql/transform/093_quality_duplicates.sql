-- Grain: one finding per order record that repeats an order_id.
-- Run by the aggregator in its transaction; the ids are derived from what was found.
-- @param now TIMESTAMP
INSERT INTO data_quality_checks (check_id, check_timestamp, check_type, severity, file_id, record_index, order_id, issue_description)
SELECT
  TO_HEX(MD5(CONCAT(c.parse_id, '/', CAST(c.record_index AS STRING), '/duplicate_order'))),
  @now,
  IF(c.outcome = 'replay', 'duplicate_order_replay', 'duplicate_order_conflict'),
  IF(c.outcome = 'replay', 'info', 'error'),
  c.file_id,
  c.record_index,
  c.order_id,
  CONCAT(
    IF(c.outcome = 'replay', 'same order as', 'same order_id with other content as'),
    ' record ', CAST(c.owner_record_index AS STRING), ' of file ', c.owner_file_id
  )
FROM order_claims AS c
WHERE c.outcome IN ('replay', 'conflict');
