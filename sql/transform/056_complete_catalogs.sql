-- Grain: one row per kind of which the batch brings what tells that rows have disappeared.
-- full: the newest file is in the batch, is such a catalog by itself and was read without a refusal;
-- what it does not name has disappeared.
-- parts: the files of one day (UTC) are the catalog together. A day is complete when a later one has
-- begun and no part of it was refused, in whole or in part; what has not been named since it began
-- (named_since) has disappeared. That is looked at when the first part of the newest day comes or is
-- read again, and when a part of the complete day does; the later of those files stands for it.
-- delta: such files say nothing of what they do not name.
-- A file without a record is none.
-- Run by the aggregator in its transaction.
-- @when catalogs
CREATE TEMP TABLE complete_catalogs AS
WITH
-- @if refused
refused AS (
  SELECT r.parse_id, COUNT(*) AS records
  FROM batch_refused AS r
  GROUP BY r.parse_id
),
-- @end

catalogs AS (
  SELECT
    l.file_id, l.kind, l.landed_at, COALESCE(l.catalog_mode, 'full') AS mode,
    l.verdict = 'loaded' AS is_loaded, l.rejected = 0 AS is_whole, FALSE AS is_new
  FROM file_ledger AS l
  WHERE l.kind IN ('products', 'customers') AND l.records > 0
  UNION ALL
  SELECT
    f.file_id, f.kind, f.landed_at, COALESCE(NULLIF(f.catalog_mode, ''), 'full'),
    f.verdict = 'loaded',
    -- @if refused
    r.records IS NULL AND
    -- @end
    TRUE,
    TRUE
  FROM batch_files AS f
  -- @if refused
  LEFT JOIN refused AS r ON r.parse_id = f.parse_id
  -- @end
  WHERE f.kind IN ('products', 'customers') AND f.records > 0
),

newest AS (
  SELECT c.file_id, c.kind, c.mode, c.is_new AND c.is_whole AS is_told
  FROM catalogs AS c
  WHERE c.is_loaded AND c.mode != 'delta'
  QUALIFY ROW_NUMBER() OVER (PARTITION BY c.kind ORDER BY c.landed_at DESC, c.file_id DESC) = 1
),

parts AS (
  SELECT
    c.*,
    TIMESTAMP_TRUNC(c.landed_at, DAY) AS day,
    DENSE_RANK() OVER (PARTITION BY c.kind ORDER BY TIMESTAMP_TRUNC(c.landed_at, DAY) DESC) AS days_ago,
    ROW_NUMBER() OVER (
      PARTITION BY c.kind, c.is_loaded, TIMESTAMP_TRUNC(c.landed_at, DAY) ORDER BY c.landed_at, c.file_id
    ) = 1 AS is_first
  FROM catalogs AS c
  JOIN newest AS n ON n.kind = c.kind AND n.mode = 'parts'
  WHERE c.mode = 'parts'
),

complete_days AS (
  SELECT p.kind, ANY_VALUE(p.day) AS day
  FROM parts AS p
  WHERE p.days_ago = 2
  GROUP BY p.kind
  HAVING COUNTIF(NOT p.is_loaded OR NOT p.is_whole) = 0
),

tellers AS (
  SELECT p.file_id, d.day AS named_since
  FROM parts AS p
  JOIN complete_days AS d ON d.kind = p.kind
  WHERE p.is_new AND p.is_loaded AND (p.days_ago = 2 OR p.days_ago = 1 AND p.is_first)
  QUALIFY ROW_NUMBER() OVER (PARTITION BY p.kind ORDER BY p.landed_at DESC, p.file_id DESC) = 1
),

told AS (
  SELECT n.file_id, CAST(NULL AS TIMESTAMP) AS named_since
  FROM newest AS n
  WHERE n.mode = 'full' AND n.is_told
  UNION ALL
  SELECT t.file_id, t.named_since
  FROM tellers AS t
)

SELECT f.file_id, f.parse_id, f.kind, f.landed_at, f.landing_name, t.named_since
FROM batch_files AS f
JOIN told AS t ON t.file_id = f.file_id;
