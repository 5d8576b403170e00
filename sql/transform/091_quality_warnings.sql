-- Grain: one finding per record and rule that it broke without being refused.
-- Run by the aggregator in its transaction; the ids are derived from what was found.
-- @param rules ARRAY<STRUCT<id STRING, severity STRING, meaning STRING>>
INSERT INTO batch_findings (check_id, check_type, severity, file_id, parse_id, record_index, order_id, issue_description)
WITH warned AS (
  SELECT o.file_id, o.parse_id, o.record_index, o.order_id, o.warnings
  FROM batch_orders AS o
  WHERE o.verdict = 'loaded' AND ARRAY_LENGTH(o.warnings) > 0
  UNION ALL
  SELECT p.file_id, p.parse_id, p.record_index, CAST(NULL AS STRING) AS order_id, p.warnings
  FROM batch_products AS p
  WHERE p.verdict = 'loaded' AND ARRAY_LENGTH(p.warnings) > 0
  UNION ALL
  SELECT c.file_id, c.parse_id, c.record_index, CAST(NULL AS STRING) AS order_id, c.warnings
  FROM batch_customers AS c
  WHERE c.verdict = 'loaded' AND ARRAY_LENGTH(c.warnings) > 0
),

catalog AS (
  SELECT r.id, r.severity, r.meaning
  FROM UNNEST(@rules) AS r
)

SELECT DISTINCT
  TO_HEX(MD5(CONCAT(w.parse_id, '/', CAST(w.record_index AS STRING), '/', warning))),
  warning,
  COALESCE(r.severity, 'warning'),
  w.file_id,
  w.parse_id,
  w.record_index,
  w.order_id,
  COALESCE(r.meaning, warning)
FROM warned AS w
CROSS JOIN UNNEST(w.warnings) AS warning
LEFT JOIN catalog AS r ON r.id = warning;
