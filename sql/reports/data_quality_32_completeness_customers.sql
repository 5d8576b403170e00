-- Grain: one row per column of dim_customers: the share of rows that say something in it. NULL, blank and
-- unknown say nothing. Of the catalog as it is.
-- Run by the reporter's daily run, in the report's transaction. It reads the catalog.
-- @param completeness_min NUMERIC
INSERT INTO audit (section_rank, place, section, check_name, table_name, subject, value, unit, expectation, status)
WITH counts AS (
  SELECT
    COUNT(*) AS row_count,
    COUNTIF(TRIM(c.customer_id) NOT IN ('', 'unknown')) AS customer_id,
    COUNTIF(TRIM(c.name) NOT IN ('', 'unknown')) AS name,
    COUNTIF(TRIM(c.email) NOT IN ('', 'unknown')) AS email,
    COUNT(c.registration_date) AS registration_date,
    COUNTIF(TRIM(c.customer_tier) NOT IN ('', 'unknown')) AS customer_tier,
    COUNT(c.is_active) AS is_active,
    COUNTIF(TRIM(c.content_hash) NOT IN ('', 'unknown')) AS content_hash,
    COUNTIF(TRIM(c.file_id) NOT IN ('', 'unknown')) AS file_id,
    COUNT(c.landed_at) AS landed_at,
    COUNT(c.updated_at) AS updated_at
  FROM dim_customers AS c
),

shares AS (
  SELECT
    c.place,
    c.column_name,
    ROUND(CAST(c.filled AS NUMERIC) / n.row_count, 6) AS share
  FROM counts AS n
  CROSS JOIN UNNEST([
    STRUCT(1 AS place, 'customer_id' AS column_name, n.customer_id AS filled),
    (2, 'name', n.name),
    (3, 'email', n.email),
    (4, 'registration_date', n.registration_date),
    (5, 'customer_tier', n.customer_tier),
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
  200 + s.place,
  'completeness',
  'share_filled',
  'dim_customers',
  s.column_name,
  s.share,
  'share',
  CONCAT('at least ', CAST(@completeness_min AS STRING)),
  IF(s.share >= @completeness_min, 'ok', 'warning')
FROM shares AS s;
