-- Grain: one row per file: how many order lines of it the facts and the history hold, and two sums of a hash of
-- their columns, which change with any of them. The columns are those of reference.Columns.
-- Run by pipelinectl verify --from-archive; reads whole tables.
WITH
-- @include order_lines
,

hashed AS (
  SELECT l.file_id, TO_HEX(MD5(l.line)) AS digest
  FROM order_lines AS l
)

SELECT
  h.file_id,
  COUNT(*) AS order_lines,
  SUM(CAST(CONCAT('0x', SUBSTR(h.digest, 1, 8)) AS INT64)) AS first_sum,
  SUM(CAST(CONCAT('0x', SUBSTR(h.digest, 9, 8)) AS INT64)) AS second_sum
FROM hashed AS h
GROUP BY h.file_id;
