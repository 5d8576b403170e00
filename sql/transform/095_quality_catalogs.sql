-- Grain: one finding per catalog file that lacks too many rows to be believed.
-- Run by the aggregator in its transaction; the ids are derived from what was found.
-- @when catalogs
INSERT INTO batch_findings (check_id, check_type, severity, file_id, parse_id, record_index, order_id, issue_description)
WITH doubted AS (
  SELECT p.file_id FROM missing_products AS p WHERE NOT p.deactivate
  UNION ALL
  SELECT c.file_id FROM missing_customers AS c WHERE NOT c.deactivate
),

counts AS (
  SELECT d.file_id, COUNT(*) AS missing_rows
  FROM doubted AS d
  GROUP BY d.file_id
)

SELECT
  TO_HEX(MD5(CONCAT(c.parse_id, '/catalog_shrunk'))),
  'catalog_shrunk',
  'warning',
  c.file_id,
  c.parse_id,
  CAST(NULL AS INT64),
  CAST(NULL AS STRING),
  CONCAT(c.landing_name, ' lacks ', CAST(n.missing_rows AS STRING), ' active ', c.kind, '; they were left active')
FROM complete_catalogs AS c
JOIN counts AS n ON n.file_id = c.file_id;
