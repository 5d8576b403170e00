-- Grain: one row per active customer that the newest complete customers file does not name,
-- or no part of the newest complete day. What a delta has brought later is none.
-- landed_at: from when on a file that names the row brings it back.
-- deactivate: they are few enough to be believed.
-- Run by the aggregator in its transaction, after the dimension is merged.
-- @when customers
-- @param max_deactivate_share FLOAT64
CREATE TEMP TABLE missing_customers AS
WITH active AS (
  SELECT d.customer_id, d.landed_at AS named_at, c.file_id, c.parse_id, c.landed_at, c.named_since
  FROM dim_customers AS d
  CROSS JOIN complete_catalogs AS c
  WHERE c.kind = 'customers' AND d.is_active
),

named AS (
  SELECT DISTINCT b.parse_id, b.customer_id
  FROM batch_customers AS b
),

compared AS (
  SELECT
    a.customer_id,
    a.file_id,
    COALESCE(TIMESTAMP_SUB(a.named_since, INTERVAL 1 MICROSECOND), a.landed_at) AS landed_at,
    IF(a.named_since IS NULL, n.customer_id IS NULL AND a.named_at <= a.landed_at, a.named_at < a.named_since) AS missing
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
