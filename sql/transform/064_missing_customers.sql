-- Grain: one row per active customer that the newest complete customers file does not name.
-- deactivate: they are few enough to be believed.
-- Run by the aggregator in its transaction, after the dimension is merged.
-- @param max_deactivate_share FLOAT64
CREATE TEMP TABLE missing_customers AS
WITH active AS (
  SELECT d.customer_id, c.file_id, c.parse_id, c.landed_at
  FROM dim_customers AS d
  CROSS JOIN complete_catalogs AS c
  WHERE c.kind = 'customers' AND d.is_active
),

named AS (
  SELECT DISTINCT b.parse_id, b.customer_id
  FROM batch_customers AS b
),

compared AS (
  SELECT a.customer_id, a.file_id, a.landed_at, n.customer_id IS NULL AS missing
  FROM active AS a
  LEFT JOIN named AS n ON n.parse_id = a.parse_id AND n.customer_id = a.customer_id
),

counts AS (
  SELECT COUNT(*) AS active_rows, COUNTIF(c.missing) AS missing_rows
  FROM compared AS c
)

SELECT
  c.customer_id,
  c.file_id,
  c.landed_at,
  s.missing_rows < @max_deactivate_share * s.active_rows AS deactivate
FROM compared AS c
CROSS JOIN counts AS s
WHERE c.missing;
