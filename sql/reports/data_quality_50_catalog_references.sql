-- Grain: one row per check: facts that point at a product or customer that no catalog names, and facts
-- that were not told what the catalog knows by now. A line without a product's name waits for one: a
-- catalog's names of products are never NULL. A tier, though, may be 'unknown' by the customers file's own word, and a
-- line keeps what was said when it was loaded; it waits only if it is noted as waiting.
-- A guest's order points at no customer, and a line without a product at none.
-- Run by the reporter's daily run, in the report's transaction. It reads six columns of all facts.
-- @param report_date DATE
INSERT INTO audit (section_rank, place, section, check_name, table_name, subject, value, unit, expectation, status)
WITH lines AS (
  SELECT
    f.product_id,
    f.customer_id,
    COUNT(*) AS order_lines,
    COUNTIF(f.line_number = 1) AS orders,
    COUNTIF(f.product_name IS NULL) AS unnamed_lines,
    COUNTIF(f.customer_tier = 'unknown' AND u.ref_id IS NOT NULL) AS untiered_lines
  FROM fact_orders AS f
  LEFT JOIN unresolved_refs AS u ON u.ref_kind = 'customer' AND u.ref_id = f.customer_id AND u.order_date = f.order_date
  WHERE f.order_date <= @report_date
  GROUP BY f.product_id, f.customer_id
),

sums AS (
  SELECT
    COALESCE(SUM(IF(l.product_id IS NOT NULL AND p.product_id IS NULL, l.order_lines, 0)), 0) AS lines_without_product,
    COUNT(DISTINCT IF(p.product_id IS NULL, l.product_id, NULL)) AS unknown_products,
    COALESCE(SUM(IF(l.customer_id IS NOT NULL AND c.customer_id IS NULL, l.orders, 0)), 0) AS orders_without_customer,
    COUNT(DISTINCT IF(c.customer_id IS NULL, l.customer_id, NULL)) AS unknown_customers,
    COALESCE(SUM(IF(p.product_id IS NOT NULL, l.unnamed_lines, 0)), 0) AS product_not_repaired,
    COALESCE(SUM(IF(c.customer_id IS NOT NULL AND c.customer_tier IS DISTINCT FROM 'unknown', l.untiered_lines, 0)), 0) AS customer_not_repaired
  FROM lines AS l
  LEFT JOIN dim_products AS p ON p.product_id = l.product_id
  LEFT JOIN dim_customers AS c ON c.customer_id = l.customer_id
)

SELECT
  4, c.place, 'references', c.check_name, 'fact_orders', c.subject, CAST(c.found AS NUMERIC), 'count', '0',
  IF(c.found = 0, 'ok', c.otherwise)
FROM sums AS s
CROSS JOIN UNNEST([
  STRUCT(1 AS place, 'lines_without_product' AS check_name, 'product_id' AS subject, s.lines_without_product AS found, 'warning' AS otherwise),
  (2, 'unknown_products', 'product_id', s.unknown_products, 'warning'),
  (3, 'orders_without_customer', 'customer_id', s.orders_without_customer, 'warning'),
  (4, 'unknown_customers', 'customer_id', s.unknown_customers, 'warning'),
  (5, 'lines_not_repaired', 'product_name', s.product_not_repaired, 'error'),
  (6, 'lines_not_repaired', 'customer_tier', s.customer_not_repaired, 'error')
]) AS c;
