-- Grain: one row per file and rule that has fewer or more findings than follow from what the ledger says of the
-- file and from the warnings that staging holds, and per missing reference of a loaded order without a finding.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH found AS (
  SELECT q.file_id, q.check_type, SUM(COALESCE(q.occurrences, 1)) AS findings
  FROM data_quality_checks AS q
  WHERE q.file_id IS NOT NULL
  GROUP BY q.file_id, q.check_type
),

staged AS (
  SELECT s.parse_id, s.record_index, s.content_hash, s.warnings FROM staging_orders AS s
  UNION ALL
  SELECT s.parse_id, s.record_index, s.content_hash, s.warnings FROM staging_products AS s
  UNION ALL
  SELECT s.parse_id, s.record_index, s.content_hash, s.warnings FROM staging_customers AS s
),

records AS (
  SELECT s.parse_id, s.record_index, s.warnings
  FROM staged AS s
  WHERE ARRAY_LENGTH(s.warnings) > 0
  QUALIFY ROW_NUMBER() OVER (PARTITION BY s.parse_id, s.record_index ORDER BY s.content_hash) = 1
),

wanted AS (
  SELECT l.file_id, r.rule, r.records AS findings
  FROM file_ledger AS l
  CROSS JOIN UNNEST(l.rejected_by_rule) AS r
  UNION ALL
  SELECT l.file_id, IF(l.verdict = 'loaded', 'empty_file', l.reason), 1
  FROM file_ledger AS l
  WHERE (l.verdict = 'quarantined' AND l.reason IS NOT NULL) OR (l.verdict = 'loaded' AND l.records = 0)
  UNION ALL
  SELECT
    l.file_id,
    CASE r.outcome
      WHEN 'duplicate' THEN 'duplicate_order_replay'
      WHEN 'conflict' THEN 'duplicate_order_conflict'
      ELSE 'order_version_stale'
    END,
    r.last_index - r.first_index + 1
  FROM file_ledger AS l
  CROSS JOIN UNNEST(l.left_out) AS r
  WHERE l.verdict = 'loaded' AND l.kind = 'orders' AND r.outcome IN ('duplicate', 'conflict', 'stale')
  UNION ALL
  SELECT l.file_id, 'order_updated', l.updated
  FROM file_ledger AS l
  WHERE l.verdict = 'loaded' AND l.kind = 'orders' AND l.updated > 0
  UNION ALL
  SELECT l.file_id, warning, COUNT(DISTINCT r.record_index)
  FROM file_ledger AS l
  JOIN records AS r ON r.parse_id = l.parse_id
  CROSS JOIN UNNEST(r.warnings) AS warning
  WHERE l.verdict = 'loaded'
  GROUP BY l.file_id, warning
),

sums AS (
  SELECT w.file_id, w.rule, SUM(w.findings) AS findings
  FROM wanted AS w
  GROUP BY w.file_id, w.rule
),

compared AS (
  SELECT
    l.landing_name,
    COALESCE(s.rule, f.check_type) AS rule,
    COALESCE(s.findings, 0) AS want,
    COALESCE(f.findings, 0) AS findings,
    -- Of a file whose left_out lacks ranges, and of a file without staging, some cannot be told.
    CASE
      WHEN COALESCE(s.rule, f.check_type) IN ('duplicate_order_replay', 'duplicate_order_conflict', 'order_version_stale')
        THEN l.verdict = 'loaded' AND l.transaction_number IS NOT NULL AND NOT COALESCE(l.left_out_truncated, FALSE)
      WHEN COALESCE(s.rule, f.check_type) IN (
        'missing_customer', 'missing_product', 'unknown_place', 'catalog_shrunk', 'duplicate_row_conflict'
      )
        THEN FALSE
      ELSE s.rule IS NOT NULL OR l.verdict = 'quarantined' OR r.parse_id IS NOT NULL
    END AS can_tell
  FROM sums AS s
  FULL JOIN found AS f ON f.file_id = s.file_id AND f.check_type = s.rule
  JOIN file_ledger AS l ON l.file_id = COALESCE(s.file_id, f.file_id)
  LEFT JOIN (SELECT DISTINCT a.parse_id FROM staged AS a) AS r ON r.parse_id = l.parse_id
)

SELECT
  CONCAT(c.landing_name, ': ', CAST(c.findings AS STRING), ' findings of ', c.rule, ', want ', CAST(c.want AS STRING)) AS detail
FROM compared AS c
WHERE c.can_tell AND c.findings != c.want;
