-- Grain: one row per row of a dimension's history that does not end where the next one of its key
-- begins, the last one where the dimension's own row does, or that shows what the next one shows.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH shown AS (
  SELECT CONCAT('product ', h.product_id) AS id, h.content_hash, h.is_active, h.valid_from, h.valid_to
  FROM dim_products_history AS h
  UNION ALL
  SELECT CONCAT('product ', d.product_id), d.content_hash, d.is_active, d.updated_at, CAST(NULL AS TIMESTAMP)
  FROM dim_products AS d
  UNION ALL
  SELECT CONCAT('customer ', h.customer_id), h.content_hash, h.is_active, h.valid_from, h.valid_to
  FROM dim_customers_history AS h
  UNION ALL
  SELECT CONCAT('customer ', d.customer_id), d.content_hash, d.is_active, d.updated_at, CAST(NULL AS TIMESTAMP)
  FROM dim_customers AS d
),

followed AS (
  SELECT
    s.*,
    LEAD(s.valid_from) OVER turn AS next_from,
    LEAD(s.content_hash) OVER turn AS next_hash,
    LEAD(s.is_active) OVER turn AS next_active
  FROM shown AS s
  WINDOW turn AS (PARTITION BY s.id ORDER BY s.valid_from, s.valid_to IS NULL, s.valid_to)
)

SELECT
  CONCAT(f.id, ', shown from ', CAST(f.valid_from AS STRING), ' to ', CAST(f.valid_to AS STRING), IF(
    f.next_from IS DISTINCT FROM f.valid_to,
    ': the next row does not begin there',
    ': it does not differ from the next row'
  )) AS detail
FROM followed AS f
WHERE
  f.valid_to IS NOT NULL
  AND (
    f.next_from IS DISTINCT FROM f.valid_to
    OR (f.next_hash = f.content_hash AND f.next_active = f.is_active)
  );
