-- Grain: one row per column of dim_products: the share of rows that say something in it. NULL, blank and
-- unknown say nothing. Of the catalog as it is.
-- Run by the reporter's daily run, in the report's transaction. It reads the catalog.
-- @param completeness_min NUMERIC
INSERT INTO audit (section_rank, place, section, check_name, table_name, subject, value, unit, expectation, status)
WITH counts AS (
  SELECT
    COUNT(*) AS row_count,
    COUNTIF(TRIM(p.product_id) NOT IN ('', 'unknown')) AS product_id,
    COUNTIF(TRIM(p.product_name) NOT IN ('', 'unknown')) AS product_name,
    COUNTIF(TRIM(p.category) NOT IN ('', 'unknown')) AS category,
    COUNT(p.price) AS price,
    COUNT(p.stock_level) AS stock_level,
    COUNT(p.is_active) AS is_active,
    COUNTIF(TRIM(p.content_hash) NOT IN ('', 'unknown')) AS content_hash,
    COUNTIF(TRIM(p.file_id) NOT IN ('', 'unknown')) AS file_id,
    COUNT(p.landed_at) AS landed_at,
    COUNT(p.updated_at) AS updated_at
  FROM dim_products AS p
),

shares AS (
  SELECT
    c.place,
    c.column_name,
    ROUND(CAST(c.filled AS NUMERIC) / n.row_count, 6) AS share
  FROM counts AS n
  CROSS JOIN UNNEST([
    STRUCT(1 AS place, 'product_id' AS column_name, n.product_id AS filled),
    (2, 'product_name', n.product_name),
    (3, 'category', n.category),
    (4, 'price', n.price),
    (5, 'stock_level', n.stock_level),
    (6, 'is_active', n.is_active),
    (7, 'content_hash', n.content_hash),
    (8, 'file_id', n.file_id),
    (9, 'landed_at', n.landed_at),
    (10, 'updated_at', n.updated_at)
  ]) AS c
  WHERE n.row_count > 0
)

SELECT
  2,
  100 + s.place,
  'completeness',
  'share_filled',
  'dim_products',
  s.column_name,
  s.share,
  'share',
  CONCAT('at least ', CAST(@completeness_min AS STRING)),
  IF(s.share >= @completeness_min, 'ok', 'warning')
FROM shares AS s;
