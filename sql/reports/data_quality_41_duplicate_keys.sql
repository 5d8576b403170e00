-- Grain: one row per table: rows whose key stands there already, of all time.
-- Run by the reporter's daily run, in the report's transaction. It reads the keys of the tables.
-- @param report_date DATE
-- @param data_through TIMESTAMP
INSERT INTO audit (section_rank, place, section, check_name, table_name, subject, value, unit, expectation, status)
WITH surplus AS (
  SELECT 11 AS place, 'order_keys' AS table_name, COUNT(*) - COUNT(DISTINCT k.order_id) AS found
  FROM order_keys AS k
  WHERE k.order_date <= @report_date
  UNION ALL
  SELECT 12, 'dim_products', COUNT(*) - COUNT(DISTINCT p.product_id)
  FROM dim_products AS p
  UNION ALL
  SELECT 13, 'dim_customers', COUNT(*) - COUNT(DISTINCT c.customer_id)
  FROM dim_customers AS c
  UNION ALL
  SELECT 14, 'file_ledger', COUNT(*) - COUNT(DISTINCT l.file_id)
  FROM file_ledger AS l
  UNION ALL
  SELECT 15, 'data_quality_checks', COUNT(*) - COUNT(DISTINCT q.check_id)
  FROM data_quality_checks AS q
  WHERE q.check_timestamp < @data_through
)

SELECT
  3, s.place, 'duplicates', 'repeated_keys', s.table_name, CAST(NULL AS STRING), CAST(s.found AS NUMERIC), 'count', '0',
  IF(s.found = 0, 'ok', 'error')
FROM surplus AS s;
