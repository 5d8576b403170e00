-- Grain: one row per column of a dimension or its history that is not what staging holds of the file that the
-- row is from, and per row that is active although its file does not name it or says
-- that it is not, or inactive although it does. Of
-- files that staging no longer holds nothing can be said.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH shown AS (
  SELECT
    'product' AS what, d.product_id AS id, CAST(NULL AS TIMESTAMP) AS valid_to, d.file_id, d.is_active, d.content_hash,
    d.product_name AS c1, d.category AS c2, CAST(d.price AS STRING) AS c3, CAST(d.stock_level AS STRING) AS c4
  FROM dim_products AS d
  UNION ALL
  SELECT
    'product', h.product_id, h.valid_to, h.file_id, h.is_active, h.content_hash,
    h.product_name, h.category, CAST(h.price AS STRING), CAST(h.stock_level AS STRING)
  FROM dim_products_history AS h
  UNION ALL
  SELECT
    'customer', d.customer_id, CAST(NULL AS TIMESTAMP), d.file_id, d.is_active, d.content_hash,
    d.name, d.email, CAST(d.registration_date AS STRING), d.customer_tier
  FROM dim_customers AS d
  UNION ALL
  SELECT
    'customer', h.customer_id, h.valid_to, h.file_id, h.is_active, h.content_hash,
    h.name, h.email, CAST(h.registration_date AS STRING), h.customer_tier
  FROM dim_customers_history AS h
),

staged AS (
  SELECT
    'product' AS what, s.product_id AS id, s.file_id, s.parse_id, s.record_index, s.content_hash, COALESCE(s.is_active, TRUE) AS is_active,
    s.product_name AS c1, s.category AS c2, CAST(s.price AS STRING) AS c3, CAST(s.stock_level AS STRING) AS c4
  FROM staging_products AS s
  UNION ALL
  SELECT
    'customer', s.customer_id, s.file_id, s.parse_id, s.record_index, s.content_hash, COALESCE(s.is_active, TRUE),
    s.name, s.email, CAST(s.registration_date AS STRING), s.customer_tier
  FROM staging_customers AS s
),

-- The row of an id that speaks for its file, in each reading of it.
spoken AS (
  SELECT s.*, l.parse_id IS NOT NULL AS is_current
  FROM staged AS s
  LEFT JOIN file_ledger AS l ON l.file_id = s.file_id AND l.parse_id = s.parse_id
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY s.parse_id, s.what, s.id ORDER BY s.record_index DESC, s.content_hash) = 1
),

files AS (SELECT DISTINCT s.file_id FROM spoken AS s),

-- Each shown row beside the one that it is from: of its own file and content, else of its own file; what a
-- catalog has made inactive keeps the content of an earlier file.
paired AS (
  SELECT
    w.*,
    s.id IS NOT NULL AND s.file_id = w.file_id AND s.is_current AS is_named_now,
    s.id IS NOT NULL AND s.file_id = w.file_id AS is_named,
    s.content_hash AS s_hash,
    s.is_active AS s_active,
    s.c1 AS s1,
    s.c2 AS s2,
    s.c3 AS s3,
    s.c4 AS s4
  FROM shown AS w
  JOIN files AS f ON f.file_id = w.file_id
  LEFT JOIN spoken AS s ON s.what = w.what AND s.id = w.id AND (s.file_id = w.file_id OR s.content_hash = w.content_hash)
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY w.what, w.id, w.valid_to, w.file_id, w.content_hash
    ORDER BY IF(s.file_id = w.file_id, 0, 1), IF(s.content_hash = w.content_hash, 0, 1), IF(s.is_current, 0, 1)
  ) = 1
),

judged AS (
  SELECT
    CONCAT(p.what, ' ', p.id, IF(p.valid_to IS NULL, '', CONCAT(', shown until ', CAST(p.valid_to AS STRING)))) AS id,
    CASE
      WHEN p.is_active AND NOT p.is_named THEN CONCAT('is_active is true, but file ', p.file_id, ' does not name it')
      WHEN p.is_active AND p.s_hash = p.content_hash AND NOT p.s_active THEN CONCAT('is_active is true, but file ', p.file_id, ' says that it is not')
      WHEN NOT p.is_active AND p.valid_to IS NULL AND p.is_named_now AND p.s_active
        THEN CONCAT('is_active is false, but file ', p.file_id, ' names it')
    END AS fault,
    p.file_id,
    IF(p.what = 'product', ['product_name', 'category', 'price', 'stock_level'], ['name', 'email', 'registration_date', 'customer_tier']) AS names,
    p.s_hash,
    p.content_hash,
    p.c1, p.c2, p.c3, p.c4, p.s1, p.s2, p.s3, p.s4
  FROM paired AS p
)

SELECT CONCAT(j.id, ': ', j.fault) AS detail
FROM judged AS j
WHERE j.fault IS NOT NULL
UNION ALL
SELECT CONCAT(j.id, ': ', c.name, ' is ', COALESCE(c.stored, 'NULL'), ', the file has ', COALESCE(c.want, 'NULL'))
FROM judged AS j
CROSS JOIN UNNEST([
  STRUCT('content_hash' AS name, j.content_hash AS stored, j.s_hash AS want),
  (j.names[OFFSET(0)], j.c1, j.s1),
  (j.names[OFFSET(1)], j.c2, j.s2),
  (j.names[OFFSET(2)], j.c3, j.s3),
  (j.names[OFFSET(3)], j.c4, j.s4)
]) AS c
WHERE j.fault IS NULL AND j.s_hash IS NOT NULL AND c.stored IS DISTINCT FROM c.want;
