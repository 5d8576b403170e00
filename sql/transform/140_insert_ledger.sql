-- Grain: one row per file of the batch: what became of each of its records.
-- Run by the aggregator in its transaction, last of all changes.
-- Of a file whose records do not add up those count that arrived: what its manifest says
-- cannot be entered, and stands in the finding.
-- @param now TIMESTAMP
INSERT INTO file_ledger (
  file_id, parse_id, revision, kind, landing_name, bytes, records, loaded, lines, duplicates, rejected, held,
  verdict, reason, landed_at, claimed_at, parsed_at, loaded_at, overrides, rejected_by_rule
)
WITH outcomes AS (
  SELECT c.parse_id, IF(c.outcome = 'loaded', 1, 0) AS loaded, 0 AS lines, IF(c.outcome = 'loaded', 0, 1) AS duplicates, 0 AS rejected, 0 AS held
  FROM order_claims AS c
  WHERE c.verdict = 'loaded'
  UNION ALL
  SELECT p.parse_id, IF(p.is_duplicate, 0, 1), 0, IF(p.is_duplicate, 1, 0), 0, 0
  FROM batch_products AS p
  WHERE p.verdict = 'loaded'
  UNION ALL
  SELECT c.parse_id, IF(c.is_duplicate, 0, 1), 0, IF(c.is_duplicate, 1, 0), 0, 0
  FROM batch_customers AS c
  WHERE c.verdict = 'loaded'
  UNION ALL
  SELECT o.parse_id, 0, ARRAY_LENGTH(o.items), 0, 0, 0
  FROM loaded_orders AS o
  UNION ALL
  SELECT r.parse_id, 0, 0, 0, 1, 0
  FROM batch_refused AS r
  UNION ALL
  SELECT o.parse_id, 0, 0, 0, 0, 1
  FROM batch_orders AS o
  WHERE o.verdict = 'quarantined'
  UNION ALL
  SELECT p.parse_id, 0, 0, 0, 0, 1
  FROM batch_products AS p
  WHERE p.verdict = 'quarantined'
  UNION ALL
  SELECT c.parse_id, 0, 0, 0, 0, 1
  FROM batch_customers AS c
  WHERE c.verdict = 'quarantined'
),

counts AS (
  SELECT
    o.parse_id,
    SUM(o.loaded) AS loaded,
    SUM(o.lines) AS lines,
    SUM(o.duplicates) AS duplicates,
    SUM(o.rejected) AS rejected,
    SUM(o.held) AS held
  FROM outcomes AS o
  GROUP BY o.parse_id
),

rules AS (
  SELECT r.parse_id, r.rule, COUNT(*) AS records
  FROM batch_refused AS r
  GROUP BY r.parse_id, r.rule
),

refusals AS (
  SELECT r.parse_id, ARRAY_AGG(STRUCT(r.rule AS rule, r.records AS records) ORDER BY r.rule) AS by_rule
  FROM rules AS r
  GROUP BY r.parse_id
)

SELECT
  f.file_id,
  f.parse_id,
  f.revision,
  f.kind,
  f.landing_name,
  f.bytes,
  IF(f.reason = 'ledger_imbalance', COALESCE(c.loaded + c.duplicates + c.rejected + c.held, 0), f.records),
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
  r.by_rule
FROM batch_files AS f
LEFT JOIN counts AS c ON c.parse_id = f.parse_id
LEFT JOIN refusals AS r ON r.parse_id = f.parse_id;
