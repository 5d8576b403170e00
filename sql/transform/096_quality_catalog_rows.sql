-- Grain: one finding per row of a catalog file that another row of the file contradicts: the same id
-- with other content. The last row of an id counts.
-- Run by the aggregator in its transaction; the ids are derived from what was found.
-- @when catalogs
INSERT INTO batch_findings (check_id, check_type, severity, file_id, parse_id, record_index, issue_description)
WITH catalog_rows AS (
  SELECT p.file_id, p.parse_id, p.record_index, 'product' AS what, p.product_id AS id, p.content_hash
  FROM batch_products AS p
  WHERE p.verdict = 'loaded'
  UNION ALL
  SELECT c.file_id, c.parse_id, c.record_index, 'customer' AS what, c.customer_id AS id, c.content_hash
  FROM batch_customers AS c
  WHERE c.verdict = 'loaded'
),

numbered AS (
  SELECT
    r.file_id,
    r.parse_id,
    r.record_index,
    r.what,
    r.id,
    r.content_hash,
    FIRST_VALUE(r.record_index) OVER one_id AS last_record_index,
    FIRST_VALUE(r.content_hash) OVER one_id AS last_content_hash
  FROM catalog_rows AS r
  WINDOW one_id AS (PARTITION BY r.parse_id, r.id ORDER BY r.record_index DESC)
)

SELECT
  TO_HEX(MD5(CONCAT(n.parse_id, '/', CAST(n.record_index AS STRING), '/duplicate_row_conflict'))),
  'duplicate_row_conflict',
  'warning',
  n.file_id,
  n.parse_id,
  n.record_index,
  CONCAT(
    'record ', CAST(n.record_index AS STRING), ' names ', n.what, ' ', n.id, ' with other content than record ',
    CAST(n.last_record_index AS STRING), ' of the same file, which counts'
  )
FROM numbered AS n
WHERE n.content_hash != n.last_content_hash;
