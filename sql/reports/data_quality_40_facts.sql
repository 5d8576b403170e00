-- Grain: one row per check of the facts against themselves and against what they point at: orders and lines
-- that stand twice, keys that do, products and customers that no catalog names, facts that were not told what
-- the catalog knows by now, orders without an owner and owners without an order, files with another number of
-- lines than the ledger says, aggregates that differ from what they sum up; how many rows each table holds; and how many
-- days were recounted, and how old the oldest recount is.
-- What a day's facts show is summed up over the newest recounts of the days, each of one snapshot. What only
-- several days show is looked for among all: keys of an order on two days, products and customers that no
-- catalog names by now, and the lines of a file, by the aggregates, which the recounts hold to the facts. A key of a day
-- of which neither a recount nor an aggregate knows has no order.
-- A guest's order points at no customer, and a line without a product at none.
-- The lines of files are counted beyond the report date: no order is dated more than a year behind its file's
-- landing. Rows of the dimensions and open references, which keep no history, are those of now.
-- Run by the reporter's daily run, in the report's transaction. It reads the recounts, the ids and days of all order
-- keys, the aggregates and the ledger.
-- @param report_date DATE
-- @param data_through TIMESTAMP
-- @param day_end TIMESTAMP
-- @param audit_days INT64
INSERT INTO audit (section_rank, place, section, check_name, table_name, subject, value, unit, expectation, status)
WITH recounts AS (
  SELECT
    COALESCE(SUM(r.order_lines), 0) AS held,
    COALESCE(SUM(r.repeated_lines), 0) AS repeated_lines,
    COALESCE(SUM(r.mixed_orders), 0) AS mixed_orders,
    COALESCE(SUM(r.orders_without_owner), 0) AS orders_without_owner,
    COALESCE(SUM(r.owners_without_order), 0) AS owners_without_order,
    COALESCE(SUM(r.unnamed_lines), 0) AS unnamed_lines,
    COALESCE(SUM(r.untiered_lines), 0) AS untiered_lines,
    COALESCE(SUM(r.hour_orders - r.orders), 0) AS hour_orders,
    COALESCE(SUM(r.hour_revenue - r.revenue), NUMERIC '0') AS hour_revenue,
    COALESCE(SUM(r.category_revenue - r.line_revenue), NUMERIC '0') AS category_revenue,
    COALESCE(SUM(r.place_orders - r.orders), 0) AS place_orders,
    COALESCE(SUM(r.place_revenue - r.revenue), NUMERIC '0') AS place_revenue,
    COALESCE(SUM(r.differing_products), 0) AS differing_products,
    COALESCE(SUM(r.differing_customers), 0) AS differing_customers,
    COALESCE(SUM(r.differing_files), 0) AS differing_files
  FROM audit_days AS r
  WHERE r.order_date <= @report_date
),

-- Of all days, those after the report date too: each has its turn.
turns AS (
  SELECT
    COUNT(*) AS held,
    COUNTIF(r.recounted_at >= @data_through) AS recounted,
    LEAST(COUNT(*), @audit_days) AS fewest,
    ROUND(CAST(GREATEST(TIMESTAMP_DIFF(@data_through, MIN(r.recounted_at), SECOND), 0) AS NUMERIC) / 3600, 2) AS oldest_hours,
    24 * (DIV(COUNT(*) + @audit_days - 1, @audit_days) + 1) AS most_hours
  FROM audit_days AS r
),

owners AS (
  SELECT k.order_id, COUNT(*) AS held
  FROM order_keys AS k
  WHERE k.order_date <= @report_date
  GROUP BY k.order_id
),

owner_sums AS (
  SELECT COALESCE(SUM(k.held), 0) AS keys_held, COALESCE(SUM(k.held - 1), 0) AS surplus_keys
  FROM owners AS k
),

owner_days AS (
  SELECT k.order_date, COUNT(*) AS held
  FROM order_keys AS k
  WHERE k.order_date <= @report_date
  GROUP BY k.order_date
),

unknown_days AS (
  SELECT COALESCE(SUM(k.held), 0) AS owners_without_order
  FROM owner_days AS k
  WHERE
    k.order_date NOT IN (SELECT r.order_date FROM audit_days AS r)
    AND k.order_date NOT IN (SELECT a.order_date FROM agg_daily_files AS a WHERE a.order_date <= @report_date)
),

product_lines AS (
  SELECT a.product_id, SUM(a.order_lines) AS order_lines
  FROM agg_daily_products AS a
  WHERE a.order_date <= @report_date
  GROUP BY a.product_id
),

product_sums AS (
  SELECT COALESCE(SUM(l.order_lines), 0) AS lines_without_product, COUNT(*) AS unknown_products
  FROM product_lines AS l
  LEFT JOIN dim_products AS p ON p.product_id = l.product_id
  WHERE p.product_id IS NULL
),

customer_orders AS (
  SELECT a.customer_id, SUM(a.orders) AS orders
  FROM agg_daily_customers AS a
  WHERE a.order_date <= @report_date
  GROUP BY a.customer_id
),

customer_sums AS (
  SELECT COALESCE(SUM(o.orders), 0) AS orders_without_customer, COUNT(*) AS unknown_customers
  FROM customer_orders AS o
  LEFT JOIN dim_customers AS c ON c.customer_id = o.customer_id
  WHERE c.customer_id IS NULL
),

file_facts AS (
  SELECT a.file_id, SUM(a.order_lines) AS order_lines, SUM(IF(a.order_date <= @report_date, a.orders, 0)) AS orders
  FROM agg_daily_files AS a
  WHERE a.order_date <= DATE_ADD(@report_date, INTERVAL 400 DAY)
  GROUP BY a.file_id
),

replaced_lines AS (
  SELECT h.file_id, SUM(h.lines) AS order_lines
  FROM order_history AS h
  WHERE h.order_date <= DATE_ADD(@report_date, INTERVAL 400 DAY) AND h.outcome = 'superseded'
  GROUP BY h.file_id
),

strange_files AS (
  SELECT COALESCE(SUM(f.orders), 0) AS orders_of_no_file
  FROM file_facts AS f
  WHERE f.file_id NOT IN (SELECT l.file_id FROM file_ledger AS l)
),

differing AS (
  SELECT COUNT(*) AS files
  FROM file_ledger AS l
  LEFT JOIN file_facts AS f ON f.file_id = l.file_id
  LEFT JOIN replaced_lines AS h ON h.file_id = l.file_id
  WHERE l.loaded_at < @data_through AND l.lines != COALESCE(f.order_lines, 0) + COALESCE(h.order_lines, 0)
),

hours AS (
  SELECT COUNT(*) AS held
  FROM agg_hourly_metrics AS a
  WHERE a.metric_hour < TIMESTAMP(DATE_ADD(@report_date, INTERVAL 2 DAY)) AND COALESCE(a.order_date, DATE(a.metric_hour)) <= @report_date
),

categories AS (
  SELECT COUNT(*) AS held
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
  SELECT 1 AS place, 'fact_orders' AS table_name, r.held FROM recounts AS r
  UNION ALL
  SELECT 2, 'order_keys', o.keys_held FROM owner_sums AS o
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
  FROM recounts AS r
  CROSS JOIN owner_sums AS o
  CROSS JOIN UNNEST([
    STRUCT(1 AS place, 'repeated_lines' AS check_name, 'fact_orders' AS table_name, CAST(NULL AS STRING) AS subject, r.repeated_lines AS found),
    (2, 'orders_of_two_records', 'fact_orders', NULL, r.mixed_orders),
    (11, 'repeated_keys', 'order_keys', NULL, o.surplus_keys)
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
  SELECT 4, 5, 'references', 'lines_not_repaired', 'fact_orders', 'product_name', r.unnamed_lines, 'error'
  FROM recounts AS r
  UNION ALL
  SELECT 4, 6, 'references', 'lines_not_repaired', 'fact_orders', 'customer_tier', r.untiered_lines, 'error'
  FROM recounts AS r
  UNION ALL
  SELECT 4, 11, 'references', 'orders_without_owner', 'fact_orders', 'order_id', r.orders_without_owner, 'error'
  FROM recounts AS r
  UNION ALL
  SELECT 4, 12, 'references', 'owners_without_order', 'order_keys', 'order_id', r.owners_without_order + u.owners_without_order, 'error'
  FROM recounts AS r
  CROSS JOIN unknown_days AS u
  UNION ALL
  SELECT 4, 13, 'references', 'orders_of_no_file', 'fact_orders', 'file_id', s.orders_of_no_file, 'error'
  FROM strange_files AS s
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
FROM recounts AS r
CROSS JOIN UNNEST([
  STRUCT(3 AS place, 'agg_hourly_metrics' AS table_name, 'total_orders' AS subject, CAST(r.hour_orders AS NUMERIC) AS found, 'count' AS unit),
  (4, 'agg_hourly_metrics', 'total_revenue', r.hour_revenue, 'amount'),
  (5, 'agg_category_revenue', 'revenue', r.category_revenue, 'amount'),
  (6, 'agg_daily_orders', 'orders', CAST(r.place_orders AS NUMERIC), 'count'),
  (7, 'agg_daily_orders', 'total_revenue', r.place_revenue, 'amount'),
  (8, 'agg_daily_products', 'product_id', CAST(r.differing_products AS NUMERIC), 'count'),
  (9, 'agg_daily_customers', 'customer_id', CAST(r.differing_customers AS NUMERIC), 'count'),
  (10, 'agg_daily_files', 'file_id', CAST(r.differing_files AS NUMERIC), 'count')
]) AS c
UNION ALL
SELECT
  5, c.place, 'freshness', c.check_name, 'audit_days', 'recounted_at', c.found, c.unit, c.expectation, IF(c.is_met, 'ok', 'warning')
FROM turns AS r
CROSS JOIN UNNEST([
  STRUCT(
    41 AS place, 'days_recounted' AS check_name, CAST(r.recounted AS NUMERIC) AS found, 'count' AS unit,
    CONCAT('at least ', CAST(r.fewest AS STRING)) AS expectation, r.recounted >= r.fewest AS is_met
  ),
  (42, 'oldest_recount_age', r.oldest_hours, 'hours', CONCAT('at most ', CAST(r.most_hours AS STRING)), r.oldest_hours <= r.most_hours)
]) AS c
WHERE c.found IS NOT NULL
UNION ALL
SELECT
  8, c.place, 'rows', 'rows', c.table_name, CAST(NULL AS STRING), CAST(c.held AS NUMERIC), 'count', CAST(NULL AS STRING), 'info'
FROM counts AS c;
