-- Grain: one row per finding that stands more than once, or whose check_id is not derived from what it says was
-- found.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH findings AS (
  SELECT
    q.check_id,
    q.check_type,
    q.record_index,
    l.landing_name,
    l.parse_id,
    COUNT(*) OVER (PARTITION BY q.check_id) AS copies,
    CASE
      WHEN q.occurrences IS NOT NULL THEN CONCAT(q.check_type, '/gathered')
      WHEN q.record_index IS NULL THEN q.check_type
      WHEN q.check_type IN ('duplicate_order_replay', 'duplicate_order_conflict', 'order_version_stale', 'order_updated')
        THEN CONCAT(CAST(q.record_index AS STRING), '/duplicate_order')
      WHEN q.check_type IN ('missing_product', 'missing_customer')
        THEN CONCAT(CAST(q.record_index AS STRING), '/', q.check_type, '/', COALESCE(q.ref_ids[SAFE_OFFSET(0)], ''))
      ELSE CONCAT(CAST(q.record_index AS STRING), '/', q.check_type)
    END AS place
  FROM data_quality_checks AS q
  JOIN file_ledger AS l ON l.file_id = q.file_id
)

SELECT DISTINCT
  CONCAT(
    'finding ', f.check_type, ' of ', f.landing_name, IF(f.record_index IS NULL, '', CONCAT(' record ', CAST(f.record_index AS STRING))),
    IF(f.copies > 1, CONCAT(' stands ', CAST(f.copies AS STRING), ' times'), CONCAT(': check_id ', f.check_id, ' is of another'))
  ) AS detail
FROM findings AS f
WHERE f.copies > 1 OR f.check_id != TO_HEX(MD5(CONCAT(f.parse_id, '/', f.place)));
