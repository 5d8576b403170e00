-- Grain: one row per check of the facts against themselves and against what they point at: orders and lines
-- that stand twice, keys that do, products and customers that no catalog names, facts that were not told what
-- the catalog knows by now, orders without an owner and owners without an order, files with another number of
-- lines than the ledger says, aggregates that differ from what they sum up; and how many rows each table holds.
-- One statement, because BigQuery bills a column once for each statement that names it, and all of them name
-- those of all facts: by line, by record, by product, by customer and by file.
-- A line without a product's name waits for one: a catalog's names of products are never NULL. A tier, though,
-- may be 'unknown' by the customers file's own word, and a line keeps what was said when it was loaded; it waits
-- only if it is noted as waiting. A guest's order points at no customer, and a line without a product at none.
-- The lines of files are counted beyond the report date: no order is dated more than a year behind its file's
-- landing. Rows of the dimensions and open references, which keep no history, are those of now.
-- Run by the reporter's daily run, in the report's transaction. It reads eleven columns of all facts, the order
-- keys, the aggregates and the ledger.
-- @param report_date DATE
-- @param data_through TIMESTAMP
-- @param day_end TIMESTAMP
INSERT INTO audit (section_rank, place, section, check_name, table_name, subject, value, unit, expectation, status)
WITH order_lines AS (
  SELECT f.order_id, f.line_number, COUNT(*) AS held
  FROM fact_orders AS f
  WHERE f.order_date <= @report_date
  GROUP BY f.order_id, f.line_number
),

line_sums AS (
  SELECT COALESCE(SUM(l.held - 1), 0) AS surplus_lines
  FROM order_lines AS l
),

records AS (
  SELECT f.order_id, f.file_id, f.record_index, COUNTIF(f.line_number = 1) AS first_lines
  FROM fact_orders AS f
  WHERE f.order_date <= @report_date
  GROUP BY f.order_id, f.file_id, f.record_index
),

orders AS (
  SELECT r.order_id, IF(COUNT(*) > 1, 1, 0) AS is_mixed, SUM(r.first_lines) AS first_lines
  FROM records AS r
  GROUP BY r.order_id
),

owners AS (
  SELECT k.order_id, COUNT(*) AS held
  FROM order_keys AS k
  WHERE k.order_date <= @report_date
  GROUP BY k.order_id
),

order_sums AS (
  SELECT
    COALESCE(SUM(o.is_mixed), 0) AS mixed_orders,
    COALESCE(SUM(IF(k.order_id IS NULL, o.first_lines, 0)), 0) AS orders_without_owner,
    COALESCE(SUM(IF(COALESCE(o.first_lines, 0) = 0, k.held, 0)), 0) AS owners_without_order,
    COALESCE(SUM(k.held), 0) AS keys_held,
    COALESCE(SUM(k.held - 1), 0) AS surplus_keys
  FROM orders AS o
  FULL JOIN owners AS k ON k.order_id = o.order_id
),

product_lines AS (
  SELECT f.product_id, COUNT(*) AS order_lines, COUNTIF(f.product_name IS NULL) AS unnamed_lines
  FROM fact_orders AS f
  WHERE f.order_date <= @report_date AND f.product_id IS NOT NULL
  GROUP BY f.product_id
),

product_sums AS (
  SELECT
    COALESCE(SUM(IF(p.product_id IS NULL, l.order_lines, 0)), 0) AS lines_without_product,
    COUNTIF(p.product_id IS NULL) AS unknown_products,
    COALESCE(SUM(IF(p.product_id IS NOT NULL, l.unnamed_lines, 0)), 0) AS not_repaired
  FROM product_lines AS l
  LEFT JOIN dim_products AS p ON p.product_id = l.product_id
),

customer_lines AS (
  SELECT
    f.customer_id,
    COUNTIF(f.line_number = 1) AS orders,
    COUNTIF(f.customer_tier = 'unknown' AND u.ref_id IS NOT NULL) AS untiered_lines
  FROM fact_orders AS f
  LEFT JOIN unresolved_refs AS u ON u.ref_kind = 'customer' AND u.ref_id = f.customer_id AND u.order_date = f.order_date
  WHERE f.order_date <= @report_date AND f.customer_id IS NOT NULL
  GROUP BY f.customer_id
),

customer_sums AS (
  SELECT
    COALESCE(SUM(IF(c.customer_id IS NULL, l.orders, 0)), 0) AS orders_without_customer,
    COUNTIF(c.customer_id IS NULL) AS unknown_customers,
    COALESCE(SUM(IF(c.customer_id IS NOT NULL AND c.customer_tier IS DISTINCT FROM 'unknown', l.untiered_lines, 0)), 0) AS not_repaired
  FROM customer_lines AS l
  LEFT JOIN dim_customers AS c ON c.customer_id = l.customer_id
),

file_facts AS (
  SELECT
    f.file_id,
    COUNT(*) AS order_lines,
    COUNTIF(f.order_date <= @report_date) AS held,
    COUNTIF(f.order_date <= @report_date AND f.line_number = 1) AS orders,
    SUM(IF(f.order_date <= @report_date AND f.line_number = 1, f.total_amount, NUMERIC '0')) AS revenue,
    SUM(IF(f.order_date <= @report_date, f.line_total, NUMERIC '0')) AS line_revenue
  FROM fact_orders AS f
  WHERE f.order_date <= DATE_ADD(@report_date, INTERVAL 400 DAY)
  GROUP BY f.file_id
),

replaced_lines AS (
  SELECT h.file_id, SUM(h.lines) AS order_lines
  FROM order_history AS h
  WHERE h.order_date <= DATE_ADD(@report_date, INTERVAL 400 DAY) AND h.outcome = 'superseded'
  GROUP BY h.file_id
),

fact_sums AS (
  SELECT
    COALESCE(SUM(f.held), 0) AS held,
    COALESCE(SUM(f.orders), 0) AS orders,
    COALESCE(SUM(f.revenue), NUMERIC '0') AS revenue,
    COALESCE(SUM(f.line_revenue), NUMERIC '0') AS line_revenue,
    COALESCE(SUM(IF(l.file_id IS NULL, f.orders, 0)), 0) AS orders_of_no_file
  FROM file_facts AS f
  LEFT JOIN (SELECT DISTINCT l.file_id FROM file_ledger AS l) AS l ON l.file_id = f.file_id
),

differing AS (
  SELECT COUNT(*) AS files
  FROM file_ledger AS l
  LEFT JOIN file_facts AS f ON f.file_id = l.file_id
  LEFT JOIN replaced_lines AS h ON h.file_id = l.file_id
  WHERE l.loaded_at < @data_through AND l.lines != COALESCE(f.order_lines, 0) + COALESCE(h.order_lines, 0)
),

hours AS (
  SELECT COUNT(*) AS held, COALESCE(SUM(a.total_orders), 0) AS orders, COALESCE(SUM(a.total_revenue), NUMERIC '0') AS revenue
  FROM agg_hourly_metrics AS a
  WHERE a.metric_hour < TIMESTAMP(DATE_ADD(@report_date, INTERVAL 2 DAY)) AND COALESCE(a.order_date, DATE(a.metric_hour)) <= @report_date
),

categories AS (
  SELECT COUNT(*) AS held, COALESCE(SUM(a.revenue), NUMERIC '0') AS revenue
  FROM agg_category_revenue AS a
  WHERE a.metric_date <= @report_date
),

small_tables AS (
  SELECT 12 AS place, 3 AS rows_place, 'dim_products' AS table_name, COUNT(*) AS held, COUNT(*) - COUNT(DISTINCT p.product_id) AS surplus
  FROM dim_products AS p
  UNION ALL
  SELECT 13, 4, 'dim_customers', COUNT(*), COUNT(*) - COUNT(DISTINCT c.customer_id)
  FROM dim_customers AS c
  UNION ALL
  SELECT 14, 7, 'file_ledger', COUNTIF(l.loaded_at < @data_through), COUNT(*) - COUNT(DISTINCT l.file_id)
  FROM file_ledger AS l
  UNION ALL
  SELECT 15, 8, 'data_quality_checks', COUNT(*), COUNT(*) - COUNT(DISTINCT q.check_id)
  FROM data_quality_checks AS q
  WHERE q.check_timestamp < @data_through
),

counts AS (
  SELECT 1 AS place, 'fact_orders' AS table_name, f.held FROM fact_sums AS f
  UNION ALL
  SELECT 2, 'order_keys', o.keys_held FROM order_sums AS o
  UNION ALL
  SELECT 5, 'agg_hourly_metrics', h.held FROM hours AS h
  UNION ALL
  SELECT 6, 'agg_category_revenue', c.held FROM categories AS c
  UNION ALL
  SELECT s.rows_place, s.table_name, s.held FROM small_tables AS s
  UNION ALL
  SELECT 9, 'v_rejected_records', COUNT(*) FROM v_rejected_records AS r WHERE r.landed_date <= DATE_ADD(@report_date, INTERVAL 1 DAY) AND r.landed_at < @day_end
  UNION ALL
  SELECT 10, 'v_dead_letters', COUNT(*) FROM v_dead_letters AS d WHERE d.dead_lettered_date <= DATE_ADD(@report_date, INTERVAL 1 DAY) AND d.dead_lettered_at < @day_end
  UNION ALL
  SELECT 11, 'unresolved_refs', COUNT(*) FROM unresolved_refs AS u
),

-- What should be nothing, and what it is otherwise.
faults AS (
  SELECT 3 AS section_rank, c.place, 'duplicates' AS section, c.check_name, c.table_name, c.subject, c.found, 'error' AS otherwise
  FROM order_sums AS s
  CROSS JOIN line_sums AS l
  CROSS JOIN UNNEST([
    STRUCT(1 AS place, 'repeated_lines' AS check_name, 'fact_orders' AS table_name, CAST(NULL AS STRING) AS subject, l.surplus_lines AS found),
    (2, 'orders_of_two_records', 'fact_orders', NULL, s.mixed_orders),
    (11, 'repeated_keys', 'order_keys', NULL, s.surplus_keys)
  ]) AS c
  UNION ALL
  SELECT 3, s.place, 'duplicates', 'repeated_keys', s.table_name, CAST(NULL AS STRING), s.surplus, 'error'
  FROM small_tables AS s
  UNION ALL
  SELECT 4, c.place, 'references', c.check_name, 'fact_orders', 'product_id', c.found, 'warning'
  FROM product_sums AS s
  CROSS JOIN UNNEST([
    STRUCT(1 AS place, 'lines_without_product' AS check_name, s.lines_without_product AS found),
    (2, 'unknown_products', s.unknown_products)
  ]) AS c
  UNION ALL
  SELECT 4, c.place, 'references', c.check_name, 'fact_orders', 'customer_id', c.found, 'warning'
  FROM customer_sums AS s
  CROSS JOIN UNNEST([
    STRUCT(3 AS place, 'orders_without_customer' AS check_name, s.orders_without_customer AS found),
    (4, 'unknown_customers', s.unknown_customers)
  ]) AS c
  UNION ALL
  SELECT 4, 5, 'references', 'lines_not_repaired', 'fact_orders', 'product_name', s.not_repaired, 'error'
  FROM product_sums AS s
  UNION ALL
  SELECT 4, 6, 'references', 'lines_not_repaired', 'fact_orders', 'customer_tier', s.not_repaired, 'error'
  FROM customer_sums AS s
  UNION ALL
  SELECT 4, 11, 'references', 'orders_without_owner', 'fact_orders', 'order_id', s.orders_without_owner, 'error'
  FROM order_sums AS s
  UNION ALL
  SELECT 4, 12, 'references', 'owners_without_order', 'order_keys', 'order_id', s.owners_without_order, 'error'
  FROM order_sums AS s
  UNION ALL
  SELECT 4, 13, 'references', 'orders_of_no_file', 'fact_orders', 'file_id', s.orders_of_no_file, 'error'
  FROM fact_sums AS s
  UNION ALL
  SELECT 7, 2, 'ledger', 'files_with_other_lines', 'fact_orders', CAST(NULL AS STRING), d.files, 'error'
  FROM differing AS d
)

SELECT
  f.section_rank, f.place, f.section, f.check_name, f.table_name, f.subject, CAST(f.found AS NUMERIC), 'count', '0',
  IF(f.found = 0, 'ok', f.otherwise)
FROM faults AS f
UNION ALL
SELECT
  7, c.place, 'ledger', 'differs_from_facts', c.table_name, c.subject, c.found, c.unit, '0', IF(c.found = 0, 'ok', 'error')
FROM fact_sums AS f
CROSS JOIN hours AS h
CROSS JOIN categories AS k
CROSS JOIN UNNEST([
  STRUCT(3 AS place, 'agg_hourly_metrics' AS table_name, 'total_orders' AS subject, CAST(h.orders - f.orders AS NUMERIC) AS found, 'count' AS unit),
  (4, 'agg_hourly_metrics', 'total_revenue', h.revenue - f.revenue, 'amount'),
  (5, 'agg_category_revenue', 'revenue', k.revenue - f.line_revenue, 'amount')
]) AS c
UNION ALL
SELECT
  8, c.place, 'rows', 'rows', c.table_name, CAST(NULL AS STRING), CAST(c.held AS NUMERIC), 'count', CAST(NULL AS STRING), 'info'
FROM counts AS c;
