-- Grain: one row per check: orders and lines that stand twice in the facts, of all time.
-- Run by the reporter's daily run, in the report's transaction. It reads four columns of all facts.
-- @param report_date DATE
INSERT INTO audit (section_rank, place, section, check_name, table_name, subject, value, unit, expectation, status)
WITH orders AS (
  SELECT
    f.order_id,
    COUNT(*) - COUNT(DISTINCT f.line_number) AS surplus_lines,
    IF(MIN(f.file_id) != MAX(f.file_id) OR MIN(f.record_index) != MAX(f.record_index), 1, 0) AS is_mixed
  FROM fact_orders AS f
  WHERE f.order_date <= @report_date
  GROUP BY f.order_id
),

sums AS (
  SELECT
    COALESCE(SUM(o.surplus_lines), 0) AS surplus_lines,
    COALESCE(SUM(o.is_mixed), 0) AS mixed_orders
  FROM orders AS o
)

SELECT
  3, c.place, 'duplicates', c.check_name, 'fact_orders', CAST(NULL AS STRING), CAST(c.found AS NUMERIC), 'count', '0',
  IF(c.found = 0, 'ok', 'error')
FROM sums AS s
CROSS JOIN UNNEST([
  STRUCT(1 AS place, 'repeated_lines' AS check_name, s.surplus_lines AS found),
  (2, 'orders_of_two_records', s.mixed_orders)
]) AS c;
