-- Grain: one row per refused record without a finding that says so. A record that stands in staging or as a
-- dead letter as well may have been counted there.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH elsewhere AS (
  SELECT s.parse_id, s.record_index FROM staging_orders AS s
  UNION DISTINCT
  SELECT s.parse_id, s.record_index FROM staging_products AS s
  UNION DISTINCT
  SELECT s.parse_id, s.record_index FROM staging_customers AS s
  UNION DISTINCT
  SELECT d.parse_id, d.record_index
  FROM dead_letters AS d
  WHERE d.parse_id IS NOT NULL AND d.record_index IS NOT NULL
),

-- Findings beyond the first of a file and rule are one row.
gathered AS (
  SELECT DISTINCT q.file_id, q.check_type
  FROM data_quality_checks AS q
  WHERE q.occurrences IS NOT NULL
)

SELECT CONCAT(r.landing_name, ' record ', CAST(r.record_index AS STRING), ': no finding says that it broke ', r.rule) AS detail
FROM v_rejected_records AS r
JOIN file_ledger AS l ON l.parse_id = r.parse_id
LEFT JOIN elsewhere AS e ON e.parse_id = r.parse_id AND e.record_index = r.record_index
LEFT JOIN gathered AS g ON g.file_id = r.file_id AND g.check_type = r.rule
LEFT JOIN data_quality_checks AS q ON q.check_id = TO_HEX(MD5(CONCAT(r.parse_id, '/', CAST(r.record_index AS STRING), '/', r.rule)))
WHERE e.parse_id IS NULL AND g.file_id IS NULL AND q.check_id IS NULL;
