-- Grain: one row per product or customer that a loaded file names and its dimension lacks, or has from a file
-- that landed before. Of files that staging no longer holds nothing can be said.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH named AS (
  SELECT 'product' AS what, s.product_id AS id, l.landing_name, l.landed_at
  FROM staging_products AS s
  JOIN file_ledger AS l ON l.file_id = s.file_id AND l.parse_id = s.parse_id
  WHERE l.verdict = 'loaded'
  UNION ALL
  SELECT 'customer', s.customer_id, l.landing_name, l.landed_at
  FROM staging_customers AS s
  JOIN file_ledger AS l ON l.file_id = s.file_id AND l.parse_id = s.parse_id
  WHERE l.verdict = 'loaded'
),

newest AS (
  SELECT n.what, n.id, n.landing_name, n.landed_at
  FROM named AS n
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY n.what, n.id ORDER BY n.landed_at DESC, n.landing_name) = 1
),

held AS (
  SELECT 'product' AS what, p.product_id AS id, p.landed_at FROM dim_products AS p
  UNION ALL
  SELECT 'customer', c.customer_id, c.landed_at FROM dim_customers AS c
)

SELECT
  CONCAT(n.what, ' ', n.id, ': ', IF(
    h.id IS NULL,
    CONCAT('missing; ', n.landing_name, ' names it'),
    CONCAT('landed_at is ', CAST(h.landed_at AS STRING), ', but ', n.landing_name, ', landed ', CAST(n.landed_at AS STRING), ', names it')
  )) AS detail
FROM newest AS n
LEFT JOIN held AS h ON h.what = n.what AND h.id = n.id
WHERE h.id IS NULL OR h.landed_at < n.landed_at;
