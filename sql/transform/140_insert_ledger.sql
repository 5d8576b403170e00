-- Grain: one row per file of the batch: what became of each of its records.
-- Run by the aggregator in its transaction, last of all changes.
-- It ends the transaction if a file does not account for each of its records once. Of a file that is
-- quarantined for that those count that arrived: what its manifest says cannot be entered, and
-- stands in the finding.
-- The published records that did not become facts are named by ranges of one outcome, so that who
-- consumes them can leave them out. A record that was loaded, and superseded by a later version in the
-- same batch, has never been a fact. Of a file that is held there is one range.
-- @param now TIMESTAMP
-- @param epoch INT64
INSERT INTO file_ledger (
  file_id, parse_id, revision, kind, landing_name, bytes, records, loaded, lines, duplicates, rejected, held,
  verdict, reason, landed_at, claimed_at, parsed_at, loaded_at, overrides, rejected_by_rule, updated,
  transaction_number, left_out, left_out_truncated, catalog_mode
)
WITH outcomes AS (
  -- @if orders
  SELECT
    c.parse_id,
    c.record_index,
    CASE
      WHEN c.outcome = 'replay' THEN 'duplicate'
      WHEN c.outcome = 'loaded' AND NOT c.is_current THEN 'superseded'
      ELSE c.outcome
    END AS outcome,
    c.lines,
    c.is_update
  FROM order_claims AS c
  WHERE c.verdict = 'loaded'
  UNION ALL
  SELECT o.parse_id, o.record_index, 'held' AS outcome, 0 AS lines, FALSE AS is_update
  FROM batch_orders AS o
  WHERE o.verdict = 'quarantined'
  UNION ALL
  -- @end
  -- @if products
  SELECT
    p.parse_id,
    p.record_index,
    CASE
      WHEN p.verdict = 'quarantined' THEN 'held'
      WHEN p.is_duplicate THEN 'duplicate'
      ELSE 'loaded'
    END AS outcome,
    0 AS lines,
    FALSE AS is_update
  FROM batch_products AS p
  UNION ALL
  -- @end
  -- @if customers
  SELECT
    c.parse_id,
    c.record_index,
    CASE
      WHEN c.verdict = 'quarantined' THEN 'held'
      WHEN c.is_duplicate THEN 'duplicate'
      ELSE 'loaded'
    END AS outcome,
    0 AS lines,
    FALSE AS is_update
  FROM batch_customers AS c
  UNION ALL
  -- @end
  -- @if refused
  SELECT
    r.parse_id, r.record_index, IF(r.rule IN ('append_refused', 'dead_lettered'), 'refused', 'rejected') AS outcome, 0 AS lines, FALSE AS is_update
  FROM batch_refused AS r
  UNION ALL
  -- @end
  (
    SELECT
      CAST(NULL AS STRING) AS parse_id,
      CAST(NULL AS INT64) AS record_index,
      CAST(NULL AS STRING) AS outcome,
      CAST(NULL AS INT64) AS lines,
      CAST(NULL AS BOOL) AS is_update
    LIMIT 0
  )
),

counts AS (
  SELECT
    o.parse_id,
    COUNT(*) AS records,
    COUNTIF(o.outcome IN ('loaded', 'superseded')) AS loaded,
    SUM(IF(o.outcome IN ('loaded', 'superseded'), o.lines, 0)) AS lines,
    COUNTIF(o.outcome IN ('duplicate', 'conflict', 'stale')) AS duplicates,
    COUNTIF(o.outcome IN ('rejected', 'refused')) AS rejected,
    COUNTIF(o.outcome = 'held') AS held,
    COUNTIF(o.outcome IN ('loaded', 'superseded') AND o.is_update) AS updated
  FROM outcomes AS o
  GROUP BY o.parse_id
),

-- Of neighbours with the same outcome, position less rank is the same.
ranked AS (
  SELECT
    o.parse_id,
    o.record_index,
    o.outcome,
    IF(o.outcome = 'held', 0, o.record_index - ROW_NUMBER() OVER (PARTITION BY o.parse_id, o.outcome ORDER BY o.record_index)) AS run
  FROM outcomes AS o
  WHERE o.outcome NOT IN ('loaded', 'rejected')
),

runs AS (
  SELECT r.parse_id, r.outcome, MIN(r.record_index) AS first_index, MAX(r.record_index) AS last_index
  FROM ranked AS r
  GROUP BY r.parse_id, r.outcome, r.run
),

left_out AS (
  SELECT
    r.parse_id,
    ARRAY_AGG(
      STRUCT(r.first_index AS first_index, r.last_index AS last_index, r.outcome AS outcome)
      ORDER BY r.first_index LIMIT 10000
    ) AS ranges,
    COUNT(*) > 10000 AS is_truncated
  FROM runs AS r
  GROUP BY r.parse_id
),

-- @if refused
rules AS (
  SELECT r.parse_id, r.rule, COUNT(*) AS records
  FROM batch_refused AS r
  GROUP BY r.parse_id, r.rule
),

refusals AS (
  SELECT r.parse_id, ARRAY_AGG(STRUCT(r.rule AS rule, r.records AS records) ORDER BY r.rule) AS by_rule
  FROM rules AS r
  GROUP BY r.parse_id
),

-- @end
files AS (
  SELECT
    f.*,
    -- @if refused
    r.by_rule
    -- @end
    -- @if not refused
    CAST(NULL AS ARRAY<STRUCT<rule STRING, records INT64>>) AS by_rule
    -- @end
  FROM batch_files AS f
  -- @if refused
  LEFT JOIN refusals AS r ON r.parse_id = f.parse_id
  -- @end
)

SELECT
  f.file_id,
  f.parse_id,
  f.revision,
  f.kind,
  f.landing_name,
  f.bytes,
  CASE
    WHEN f.reason = 'ledger_imbalance' THEN COALESCE(c.records, 0)
    WHEN COALESCE(c.records, 0) = f.records THEN f.records
    ELSE ERROR('ledger_imbalance')
  END,
  COALESCE(c.loaded, 0),
  COALESCE(c.lines, 0),
  COALESCE(c.duplicates, 0),
  COALESCE(c.rejected, 0),
  COALESCE(c.held, 0),
  f.verdict,
  NULLIF(f.reason, ''),
  f.landed_at,
  f.claimed_at,
  f.parsed_at,
  @now,
  NULLIF(f.overrides, ''),
  f.by_rule,
  COALESCE(c.updated, 0),
  @epoch + 1,
  l.ranges,
  COALESCE(l.is_truncated, FALSE),
  NULLIF(f.catalog_mode, '')
FROM files AS f
LEFT JOIN counts AS c ON c.parse_id = f.parse_id
LEFT JOIN left_out AS l ON l.parse_id = f.parse_id;
