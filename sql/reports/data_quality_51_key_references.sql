-- Grain: one row per check: orders without an owner, owners without an order, and lines of no file.
-- Run by the reporter's daily run, in the report's transaction. It reads three columns of all facts and
-- the order keys.
-- @param report_date DATE
INSERT INTO audit (section_rank, place, section, check_name, table_name, subject, value, unit, expectation, status)
WITH facts AS (
  SELECT f.order_id, f.file_id
  FROM fact_orders AS f
  WHERE f.order_date <= @report_date AND f.line_number = 1
),

owners AS (
  SELECT k.order_id
  FROM order_keys AS k
  WHERE k.order_date <= @report_date
),

gaps AS (
  SELECT 11 AS place, 'orders_without_owner' AS check_name, 'fact_orders' AS table_name, 'order_id' AS subject, COUNT(*) AS found
  FROM facts AS f
  LEFT JOIN owners AS k ON k.order_id = f.order_id
  WHERE k.order_id IS NULL
  UNION ALL
  SELECT 12, 'owners_without_order', 'order_keys', 'order_id', COUNT(*)
  FROM owners AS k
  LEFT JOIN facts AS f ON f.order_id = k.order_id
  WHERE f.order_id IS NULL
  UNION ALL
  SELECT 13, 'orders_of_no_file', 'fact_orders', 'file_id', COUNT(*)
  FROM facts AS f
  LEFT JOIN file_ledger AS l ON l.file_id = f.file_id
  WHERE l.file_id IS NULL
)

SELECT
  4, g.place, 'references', g.check_name, g.table_name, g.subject, CAST(g.found AS NUMERIC), 'count', '0', IF(g.found = 0, 'ok', 'error')
FROM gaps AS g;
