-- Grain: one row per finding of the batch, of a file and rule at most so many, the first of the
-- file; the others of that file and rule are one row with their number, so that a file of a million
-- records with one fault does not leave a million rows. What they were found in is in the file,
-- which archive/ or quarantine/ keeps.
-- Run by the aggregator in its transaction; the ids are derived from what was found.
-- @param now TIMESTAMP
-- @param max_findings INT64
-- @param rules ARRAY<STRUCT<id STRING, severity STRING, meaning STRING>>
INSERT INTO data_quality_checks (
  check_id, check_timestamp, check_type, severity, file_id, record_index, order_id, issue_description, refused_content,
  occurrences, ref_ids
)
WITH catalog AS (
  SELECT r.id, r.severity, r.meaning
  FROM UNNEST(@rules) AS r
),

-- Records that broke rules without being refused.
warned AS (
  -- @if orders
  SELECT o.file_id, o.parse_id, o.record_index, o.order_id, o.warnings
  FROM batch_orders AS o
  WHERE o.verdict = 'loaded' AND ARRAY_LENGTH(o.warnings) > 0
  UNION ALL
  -- @end
  -- @if products
  SELECT p.file_id, p.parse_id, p.record_index, CAST(NULL AS STRING) AS order_id, p.warnings
  FROM batch_products AS p
  WHERE p.verdict = 'loaded' AND ARRAY_LENGTH(p.warnings) > 0
  UNION ALL
  -- @end
  -- @if customers
  SELECT c.file_id, c.parse_id, c.record_index, CAST(NULL AS STRING) AS order_id, c.warnings
  FROM batch_customers AS c
  WHERE c.verdict = 'loaded' AND ARRAY_LENGTH(c.warnings) > 0
  UNION ALL
  -- @end
  (
    SELECT
      CAST(NULL AS STRING) AS file_id,
      CAST(NULL AS STRING) AS parse_id,
      CAST(NULL AS INT64) AS record_index,
      CAST(NULL AS STRING) AS order_id,
      CAST(NULL AS ARRAY<STRING>) AS warnings
    LIMIT 0
  )
),

warnings AS (
  SELECT DISTINCT w.file_id, w.parse_id, w.record_index, w.order_id, warning
  FROM warned AS w
  CROSS JOIN UNNEST(w.warnings) AS warning
),

-- @if orders
-- Customers and products that no catalog has named yet.
missing AS (
  SELECT l.file_id, l.parse_id, l.record_index, l.order_id, 'missing_customer' AS rule, 'customer' AS what, l.customer_id AS ref_id
  FROM loaded_lines AS l
  WHERE l.verdict = 'loaded' AND l.line_number = 1 AND NOT l.customer_known
  UNION ALL
  SELECT DISTINCT l.file_id, l.parse_id, l.record_index, l.order_id, 'missing_product' AS rule, 'product' AS what, l.product_id AS ref_id
  FROM loaded_lines AS l
  WHERE l.verdict = 'loaded' AND NOT l.product_known
),

-- Records that repeat an order_id or replace its version.
repeated AS (
  SELECT
    c.file_id,
    c.parse_id,
    c.record_index,
    c.order_id,
    c.outcome = 'conflict' AS is_conflict,
    CASE c.outcome
      WHEN 'conflict' THEN 'duplicate_order_conflict'
      WHEN 'replay' THEN 'duplicate_order_replay'
      WHEN 'stale' THEN 'order_version_stale'
      ELSE 'order_updated'
    END AS rule,
    CONCAT(
      'record ', CAST(c.owner_record_index AS STRING), ' of ', COALESCE(f.landing_name, l.landing_name, 'a file'),
      ' (file ', c.owner_file_id, ')'
    ) AS owner
  FROM order_claims AS c
  LEFT JOIN batch_files AS f ON f.file_id = c.owner_file_id
  LEFT JOIN file_ledger AS l ON l.file_id = c.owner_file_id
  WHERE c.outcome IN ('replay', 'conflict') OR c.verdict = 'loaded' AND (c.outcome = 'stale' OR c.outcome = 'loaded' AND c.is_update)
),

-- A conflict keeps what was refused, since staging expires; its amounts are text, because a number in
-- JSON may be rounded.
conflicting AS (
  SELECT
    r.parse_id,
    r.record_index,
    TO_JSON(STRUCT(
      o.unknown_fields,
      -- @include staged_order
    )) AS content
  FROM repeated AS r
  JOIN batch_orders AS o ON o.parse_id = r.parse_id AND o.record_index = r.record_index
  WHERE r.is_conflict
),

-- @end
-- @if catalogs
-- Catalog files that lack too many rows to be believed.
doubted AS (
  -- @end
  -- @if products
  SELECT p.file_id FROM missing_products AS p WHERE NOT p.deactivate
  UNION ALL
  -- @end
  -- @if customers
  SELECT c.file_id FROM missing_customers AS c WHERE NOT c.deactivate
  UNION ALL
  -- @end
  -- @if catalogs
  (SELECT CAST(NULL AS STRING) AS file_id LIMIT 0)
),

lacking AS (
  SELECT d.file_id, COUNT(*) AS missing_rows
  FROM doubted AS d
  GROUP BY d.file_id
),

-- Rows of a catalog file that another row of the file contradicts: the same id with other content. The
-- last row of an id counts.
catalog_rows AS (
  -- @end
  -- @if products
  SELECT p.file_id, p.parse_id, p.record_index, 'product' AS what, p.product_id AS id, p.content_hash
  FROM batch_products AS p
  WHERE p.verdict = 'loaded'
  UNION ALL
  -- @end
  -- @if customers
  SELECT c.file_id, c.parse_id, c.record_index, 'customer' AS what, c.customer_id AS id, c.content_hash
  FROM batch_customers AS c
  WHERE c.verdict = 'loaded'
  UNION ALL
  -- @end
  -- @if catalogs
  (
    SELECT
      CAST(NULL AS STRING) AS file_id,
      CAST(NULL AS STRING) AS parse_id,
      CAST(NULL AS INT64) AS record_index,
      CAST(NULL AS STRING) AS what,
      CAST(NULL AS STRING) AS id,
      CAST(NULL AS STRING) AS content_hash
    LIMIT 0
  )
),

contradicted AS (
  SELECT
    r.file_id,
    r.parse_id,
    r.record_index,
    r.what,
    r.id,
    r.content_hash,
    FIRST_VALUE(r.record_index) OVER one_id AS last_record_index,
    FIRST_VALUE(r.content_hash) OVER one_id AS last_content_hash
  FROM catalog_rows AS r
  WINDOW one_id AS (PARTITION BY r.parse_id, r.id ORDER BY r.record_index DESC)
),

-- @end
-- ref_id: the product or customer that is missing.
found AS (
  -- Files that are quarantined, or that hold no record.
  SELECT
    TO_HEX(MD5(CONCAT(f.parse_id, '/', IF(f.verdict = 'loaded', 'empty_file', COALESCE(f.reason, 'unknown'))))) AS check_id,
    IF(f.verdict = 'loaded', 'empty_file', COALESCE(f.reason, 'unknown')) AS check_type,
    IF(f.verdict = 'loaded', 'info', 'error') AS severity,
    f.file_id,
    f.parse_id,
    CAST(NULL AS INT64) AS record_index,
    CAST(NULL AS STRING) AS order_id,
    IF(
      f.verdict = 'loaded',
      CONCAT('file archived: ', f.landing_name, ': it holds no record'),
      CONCAT('file quarantined: ', f.landing_name, ': ', COALESCE(f.reason_detail, ''))
    ) AS issue_description,
    CAST(NULL AS JSON) AS refused_content,
    CAST(NULL AS STRING) AS ref_id
  FROM batch_files AS f
  WHERE f.verdict = 'quarantined' OR f.records = 0
  UNION ALL
  SELECT
    TO_HEX(MD5(CONCAT(w.parse_id, '/', CAST(w.record_index AS STRING), '/', w.warning))),
    w.warning,
    COALESCE(r.severity, 'warning'),
    w.file_id,
    w.parse_id,
    w.record_index,
    w.order_id,
    COALESCE(r.meaning, w.warning),
    CAST(NULL AS JSON),
    CAST(NULL AS STRING)
  FROM warnings AS w
  LEFT JOIN catalog AS r ON r.id = w.warning
  -- @if refused
  UNION ALL
  SELECT
    TO_HEX(MD5(CONCAT(r.parse_id, '/', CAST(r.record_index AS STRING), '/', r.rule))),
    r.rule,
    'error',
    r.file_id,
    r.parse_id,
    r.record_index,
    CAST(NULL AS STRING),
    CONCAT('record refused: ', IF(COALESCE(r.field_path, '') = '', '', CONCAT(r.field_path, ': ')), r.message),
    CAST(NULL AS JSON),
    CAST(NULL AS STRING)
  FROM batch_refused AS r
  -- @end
  -- @if orders
  UNION ALL
  SELECT
    TO_HEX(MD5(CONCAT(m.parse_id, '/', CAST(m.record_index AS STRING), '/', m.rule, '/', m.ref_id))),
    m.rule,
    'warning',
    m.file_id,
    m.parse_id,
    m.record_index,
    m.order_id,
    CONCAT('no ', m.what, 's file has named ', m.what, ' ', m.ref_id, ' yet'),
    CAST(NULL AS JSON),
    m.ref_id
  FROM missing AS m
  UNION ALL
  SELECT
    TO_HEX(MD5(CONCAT(l.parse_id, '/', CAST(l.record_index AS STRING), '/unknown_place'))),
    'unknown_place',
    'info',
    l.file_id,
    l.parse_id,
    l.record_index,
    l.order_id,
    CONCAT(
      'no place is known by the state ', COALESCE(TO_JSON_STRING(l.state), '(none)'),
      ' and the country ', COALESCE(TO_JSON_STRING(l.country), '(none)'), '; its region is ', l.region
    ),
    CAST(NULL AS JSON),
    CAST(NULL AS STRING)
  FROM loaded_lines AS l
  WHERE l.verdict = 'loaded' AND l.line_number = 1 AND NOT l.place_known
  UNION ALL
  SELECT
    TO_HEX(MD5(CONCAT(r.parse_id, '/', CAST(r.record_index AS STRING), '/duplicate_order'))),
    r.rule,
    IF(r.is_conflict, 'error', 'info'),
    r.file_id,
    r.parse_id,
    r.record_index,
    r.order_id,
    CASE r.rule
      WHEN 'duplicate_order_conflict'
        THEN CONCAT('same order_id with other content as ', r.owner, ', which stands; the content refused is in refused_content')
      WHEN 'order_version_stale' THEN CONCAT('earlier version of the order than ', r.owner, '; it is kept in order_history')
      WHEN 'order_updated' THEN CONCAT('later version of the order than ', r.owner, ', which is kept in order_history')
      ELSE CONCAT('same order as ', r.owner)
    END,
    c.content,
    CAST(NULL AS STRING)
  FROM repeated AS r
  LEFT JOIN conflicting AS c ON c.parse_id = r.parse_id AND c.record_index = r.record_index
  -- @end
  -- @if catalogs
  UNION ALL
  SELECT
    TO_HEX(MD5(CONCAT(c.parse_id, '/catalog_shrunk'))),
    'catalog_shrunk',
    'warning',
    c.file_id,
    c.parse_id,
    CAST(NULL AS INT64),
    CAST(NULL AS STRING),
    CONCAT(c.landing_name, ' lacks ', CAST(n.missing_rows AS STRING), ' active ', c.kind, '; they were left active'),
    CAST(NULL AS JSON),
    CAST(NULL AS STRING)
  FROM complete_catalogs AS c
  JOIN lacking AS n ON n.file_id = c.file_id
  UNION ALL
  SELECT
    TO_HEX(MD5(CONCAT(n.parse_id, '/', CAST(n.record_index AS STRING), '/duplicate_row_conflict'))),
    'duplicate_row_conflict',
    'warning',
    n.file_id,
    n.parse_id,
    n.record_index,
    CAST(NULL AS STRING),
    CONCAT(
      'record ', CAST(n.record_index AS STRING), ' names ', n.what, ' ', n.id, ' with other content than record ',
      CAST(n.last_record_index AS STRING), ' of the same file, which counts'
    ),
    CAST(NULL AS JSON),
    CAST(NULL AS STRING)
  FROM contradicted AS n
  WHERE n.content_hash != n.last_content_hash
  -- @end
),

numbered AS (
  SELECT
    f.*,
    ROW_NUMBER() OVER (PARTITION BY f.parse_id, f.check_type ORDER BY f.record_index, f.ref_id, f.check_id) AS position
  FROM found AS f
),

gathered AS (
  SELECT
    n.parse_id,
    n.check_type,
    n.file_id,
    n.severity,
    COUNT(*) AS occurrences,
    MIN(n.record_index) AS first_record_index,
    MAX(n.record_index) AS last_record_index,
    -- So many that a row stays far below what BigQuery allows, with ids of 256 bytes.
    ARRAY_AGG(DISTINCT n.ref_id IGNORE NULLS ORDER BY n.ref_id LIMIT 100000) AS ref_ids
  FROM numbered AS n
  WHERE n.position > @max_findings
  GROUP BY n.parse_id, n.check_type, n.file_id, n.severity
)

SELECT
  n.check_id,
  @now,
  n.check_type,
  n.severity,
  n.file_id,
  n.record_index,
  n.order_id,
  n.issue_description,
  n.refused_content,
  CAST(NULL AS INT64),
  IF(n.ref_id IS NULL, CAST([] AS ARRAY<STRING>), [n.ref_id])
FROM numbered AS n
WHERE n.position <= @max_findings
UNION ALL
SELECT
  TO_HEX(MD5(CONCAT(g.parse_id, '/', g.check_type, '/gathered'))),
  @now,
  g.check_type,
  g.severity,
  g.file_id,
  CAST(NULL AS INT64),
  CAST(NULL AS STRING),
  CONCAT(
    CAST(g.occurrences AS STRING), ' more findings of this rule in records ', CAST(g.first_record_index AS STRING), ' to ',
    CAST(g.last_record_index AS STRING), ' of the file, which keeps what they hold'
  ),
  CAST(NULL AS JSON),
  g.occurrences,
  g.ref_ids
FROM gathered AS g;
