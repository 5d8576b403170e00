-- Grain: one row per loaded file and outcome whose number of records that did not become facts differs between
-- the ranges that the ledger names and its counts, the history or the findings. What an earlier release has
-- loaded, and files with too many ranges, name not all.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH files AS (
  SELECT l.file_id, l.landing_name, l.kind, l.duplicates, l.left_out
  FROM file_ledger AS l
  WHERE l.verdict = 'loaded' AND l.transaction_number IS NOT NULL AND NOT COALESCE(l.left_out_truncated, FALSE)
),

named AS (
  SELECT f.file_id, r.outcome, SUM(r.last_index - r.first_index + 1) AS records
  FROM files AS f
  CROSS JOIN UNNEST(f.left_out) AS r
  GROUP BY f.file_id, r.outcome
),

-- Records that were left out and count again, because the file that had replaced them was read again.
restored AS (
  SELECT e.file_id, SUM(e.last_index - e.first_index + 1) AS records
  FROM file_ledger AS l
  CROSS JOIN UNNEST(l.restored) AS e
  GROUP BY e.file_id
),

sums AS (
  SELECT
    f.file_id,
    f.landing_name,
    f.duplicates,
    COALESCE(SUM(IF(n.outcome IN ('duplicate', 'conflict', 'stale'), n.records, 0)), 0) AS records,
    COALESCE(MAX(r.records), 0) AS restored
  FROM files AS f
  LEFT JOIN named AS n ON n.file_id = f.file_id
  LEFT JOIN restored AS r ON r.file_id = f.file_id
  GROUP BY f.file_id, f.landing_name, f.duplicates
),

stale AS (
  SELECT f.file_id, f.landing_name, COALESCE(n.records, 0) AS records, COALESCE(h.records, 0) AS kept, COALESCE(r.records, 0) AS restored
  FROM files AS f
  LEFT JOIN (SELECT a.file_id, a.records FROM named AS a WHERE a.outcome = 'stale') AS n ON n.file_id = f.file_id
  LEFT JOIN (
    SELECT o.file_id, COUNT(*) AS records FROM order_history AS o WHERE o.outcome = 'stale' GROUP BY o.file_id
  ) AS h ON h.file_id = f.file_id
  LEFT JOIN restored AS r ON r.file_id = f.file_id
)

SELECT
  CONCAT(s.landing_name, ': duplicates is ', CAST(s.duplicates AS STRING), ', left_out names ', CAST(s.records AS STRING)) AS detail
FROM sums AS s
WHERE s.duplicates NOT BETWEEN s.records - s.restored AND s.records
UNION ALL
SELECT
  CONCAT(s.landing_name, ': left_out names ', CAST(s.records AS STRING), ' stale versions, order_history has ', CAST(s.kept AS STRING))
FROM stale AS s
WHERE s.kept NOT BETWEEN s.records - s.restored AND s.records;
