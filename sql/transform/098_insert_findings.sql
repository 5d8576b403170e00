-- Grain: one row per finding of the batch, of a file and rule at most so many, the first of the
-- file; the others of that file and rule are one row with their number, so that a file of a million
-- records with one fault does not leave a million rows. What they were found in is in the file,
-- which archive/ or quarantine/ keeps.
-- Run by the aggregator in its transaction; the ids are derived from what was found.
-- @param now TIMESTAMP
-- @param max_findings INT64
INSERT INTO data_quality_checks (
  check_id, check_timestamp, check_type, severity, file_id, record_index, order_id, issue_description, refused_content,
  occurrences, ref_ids
)
WITH numbered AS (
  SELECT
    f.*,
    ROW_NUMBER() OVER (PARTITION BY f.parse_id, f.check_type ORDER BY f.record_index, f.ref_id, f.check_id) AS position
  FROM batch_findings AS f
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
