-- Grain: one row per kind of catalog whose newest file is in the batch and was read without a
-- refusal: what such a file does not name has disappeared.
-- Run by the aggregator in its transaction.
CREATE TEMP TABLE complete_catalogs AS
WITH catalogs AS (
  SELECT l.file_id, l.kind, l.landed_at
  FROM file_ledger AS l
  WHERE l.kind IN ('products', 'customers') AND l.verdict = 'loaded'
  UNION ALL
  SELECT f.file_id, f.kind, f.landed_at
  FROM batch_files AS f
  WHERE f.kind IN ('products', 'customers') AND f.verdict = 'loaded'
),

newest AS (
  SELECT c.file_id
  FROM catalogs AS c
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY c.kind ORDER BY c.landed_at DESC, c.file_id DESC) = 1
)

SELECT f.file_id, f.parse_id, f.kind, f.landed_at, f.landing_name
FROM batch_files AS f
JOIN newest AS n ON n.file_id = f.file_id
LEFT JOIN (SELECT DISTINCT r.parse_id FROM batch_refused AS r) AS refused ON refused.parse_id = f.parse_id
WHERE refused.parse_id IS NULL;
