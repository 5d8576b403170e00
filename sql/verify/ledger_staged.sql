-- Grain: one row per file whose loaded, repeated and held records are more or fewer than those that staging
-- holds of it. A record that has a dead letter or was refused may stand in staging, too, if its message was
-- replayed. Of files that staging no longer holds nothing can be said.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH staged AS (
  SELECT s.parse_id, s.record_index FROM staging_orders AS s
  UNION DISTINCT
  SELECT s.parse_id, s.record_index FROM staging_products AS s
  UNION DISTINCT
  SELECT s.parse_id, s.record_index FROM staging_customers AS s
),

refused AS (
  SELECT r.parse_id, r.record_index FROM rejected_records AS r
  UNION DISTINCT
  SELECT d.parse_id, d.record_index
  FROM dead_letters AS d
  WHERE d.parse_id IS NOT NULL AND d.record_index IS NOT NULL
),

counts AS (
  SELECT s.parse_id, COUNT(*) AS most, COUNTIF(r.parse_id IS NULL) AS least
  FROM staged AS s
  LEFT JOIN refused AS r ON r.parse_id = s.parse_id AND r.record_index = s.record_index
  GROUP BY s.parse_id
)

SELECT
  CONCAT(
    l.landing_name, ': ', CAST(l.loaded AS STRING), ' loaded + ', CAST(l.duplicates AS STRING), ' duplicates + ', CAST(l.held AS STRING),
    ' held, but staging holds ', CAST(c.most AS STRING), ' records'
  ) AS detail
FROM file_ledger AS l
JOIN counts AS c ON c.parse_id = l.parse_id
WHERE l.loaded + l.duplicates + l.held NOT BETWEEN c.least AND c.most;
