-- Grain: one row per day of facts that wait for a product or customer that the given files name, or
-- that a catalog has named before and a transaction had no room for; at least one row, with a NULL
-- date when none waits. Each carries the fence's epoch, which the transaction checks again, and how
-- many milliseconds ago the last transaction began, NULL before the first, and the time zone of the facts.
-- Run by the aggregator before each transaction.
-- @param parse_ids ARRAY<STRING>
-- @param landed_dates ARRAY<DATE>
WITH named AS (
  SELECT DISTINCT 'product' AS ref_kind, p.product_id AS ref_id
  FROM staging_products AS p
  WHERE p.landed_date IN UNNEST(@landed_dates) AND p.parse_id IN UNNEST(@parse_ids)
  UNION ALL
  SELECT DISTINCT 'customer' AS ref_kind, c.customer_id AS ref_id
  FROM staging_customers AS c
  WHERE c.landed_date IN UNNEST(@landed_dates) AND c.parse_id IN UNNEST(@parse_ids)
  UNION ALL
  SELECT 'product' AS ref_kind, d.product_id AS ref_id
  FROM dim_products AS d
  UNION ALL
  SELECT 'customer' AS ref_kind, d.customer_id AS ref_id
  FROM dim_customers AS d
),

waiting AS (
  SELECT DISTINCT u.order_date
  FROM unresolved_refs AS u
  JOIN named AS n ON n.ref_kind = u.ref_kind AND n.ref_id = u.ref_id
)

SELECT
  f.epoch,
  TIMESTAMP_DIFF(CURRENT_TIMESTAMP(), f.raised_at, MILLISECOND) AS since_raised,
  f.time_zone,
  w.order_date
FROM pipeline_fence AS f
LEFT JOIN waiting AS w ON TRUE
WHERE f.id = 1;
