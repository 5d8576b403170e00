-- Grain: one row per file of which a refused record is not kept, in rejected_records or as a
-- dead letter.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH kept AS (
  SELECT r.parse_id, r.record_index
  FROM v_rejected_records AS r
  UNION DISTINCT
  SELECT d.parse_id, d.record_index
  FROM v_dead_letters AS d
  WHERE d.parse_id IS NOT NULL AND d.record_index IS NOT NULL
),

counts AS (
  SELECT k.parse_id, COUNT(*) AS records
  FROM kept AS k
  GROUP BY k.parse_id
)

SELECT
  CONCAT(l.landing_name, ': ', CAST(l.rejected AS STRING), ' rejected, ', CAST(COALESCE(c.records, 0) AS STRING), ' kept') AS detail
FROM file_ledger AS l
LEFT JOIN counts AS c ON c.parse_id = l.parse_id
WHERE l.rejected > COALESCE(c.records, 0);
