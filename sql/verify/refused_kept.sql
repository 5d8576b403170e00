-- Grain: one row per file and rule whose refused records are kept in another number than the ledger has. A
-- record that stands in staging or as a dead letter as well may be counted there.
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

kept AS (
  SELECT r.parse_id, r.rule, COUNT(*) AS most, COUNTIF(e.parse_id IS NULL) AS least
  FROM v_rejected_records AS r
  LEFT JOIN elsewhere AS e ON e.parse_id = r.parse_id AND e.record_index = r.record_index
  GROUP BY r.parse_id, r.rule
),

letters AS (
  SELECT d.parse_id, COUNT(DISTINCT d.record_index) AS most
  FROM dead_letters AS d
  WHERE d.parse_id IS NOT NULL AND d.record_index IS NOT NULL
  GROUP BY d.parse_id
),

counted AS (
  SELECT l.parse_id, r.rule, r.records
  FROM file_ledger AS l
  CROSS JOIN UNNEST(l.rejected_by_rule) AS r
),

compared AS (
  SELECT
    COALESCE(c.parse_id, k.parse_id) AS parse_id,
    COALESCE(c.rule, k.rule) AS rule,
    COALESCE(c.records, 0) AS records,
    COALESCE(k.least, 0) AS least,
    IF(COALESCE(c.rule, '') = 'dead_lettered', COALESCE(d.most, 0), COALESCE(k.most, 0)) AS most
  FROM counted AS c
  FULL JOIN kept AS k ON k.parse_id = c.parse_id AND k.rule = c.rule
  LEFT JOIN letters AS d ON d.parse_id = c.parse_id
)

SELECT
  CONCAT(
    l.landing_name, ': ', CAST(c.records AS STRING), ' records rejected by ', c.rule, ', ', CAST(c.most AS STRING), ' kept'
  ) AS detail
FROM compared AS c
JOIN file_ledger AS l ON l.parse_id = c.parse_id
WHERE c.records NOT BETWEEN c.least AND c.most;
