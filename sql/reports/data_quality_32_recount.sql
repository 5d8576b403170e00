-- Grain: one row per day that is recounted, if it has facts, keys of orders or aggregates: what its facts come to,
-- and where they differ from themselves, from the keys and from the aggregates as they are at this moment. A later
-- change of the day is no fault of it.
-- One statement, because BigQuery bills a column once for each statement that names it.
-- A line without a product's name waits for one: a catalog's names of products are never NULL. A tier, though,
-- may be 'unknown' by the customers file's own word, and a line keeps what was said when it was loaded; it waits
-- only if it is noted as waiting.
-- Run by the reporter's daily run, in the report's transaction, after the days' recounts are removed. It reads eleven
-- columns of the facts, the keys and the aggregates of these days, and the small aggregates whole.
-- @param audit_dates ARRAY<DATE>
-- @param recounted_at TIMESTAMP
INSERT INTO audit_days (
  order_date, recounted_at, order_lines, orders, revenue, line_revenue, restated_at, hour_orders, hour_revenue, category_revenue,
  place_orders, place_revenue, file_orders, file_lines, differing_products, differing_customers, differing_files, repeated_lines,
  mixed_orders, orders_without_owner, owners_without_order, unnamed_lines, untiered_lines, faults
)
WITH facts AS (
  SELECT
    f.order_date, f.order_id, f.line_number, f.file_id, f.record_index, f.product_id, f.product_name, f.customer_id,
    f.customer_tier, f.total_amount, f.line_total
  FROM fact_orders AS f
  WHERE f.order_date IN UNNEST(@audit_dates)
),

numbers AS (
  SELECT
    f.order_date,
    f.order_id,
    f.line_number,
    COUNT(*) AS held,
    SUM(f.total_amount) AS total_amount,
    SUM(f.line_total) AS line_total,
    MIN(f.file_id) AS least_file,
    MAX(f.file_id) AS last_file,
    MIN(f.record_index) AS least_record,
    MAX(f.record_index) AS last_record
  FROM facts AS f
  GROUP BY f.order_date, f.order_id, f.line_number
),

orders AS (
  SELECT
    n.order_date,
    n.order_id,
    SUM(n.held) AS order_lines,
    SUM(n.held - 1) AS repeated_lines,
    SUM(IF(n.line_number = 1, n.held, 0)) AS first_lines,
    SUM(IF(n.line_number = 1, n.total_amount, NUMERIC '0')) AS revenue,
    SUM(n.line_total) AS line_revenue,
    IF(MIN(n.least_file) != MAX(n.last_file) OR MIN(n.least_record) != MAX(n.last_record), 1, 0) AS is_mixed
  FROM numbers AS n
  GROUP BY n.order_date, n.order_id
),

owners AS (
  SELECT k.order_date, k.order_id, COUNT(*) AS held
  FROM order_keys AS k
  WHERE k.order_date IN UNNEST(@audit_dates)
  GROUP BY k.order_date, k.order_id
),

order_sums AS (
  SELECT
    COALESCE(o.order_date, k.order_date) AS order_date,
    SUM(COALESCE(o.order_lines, 0)) AS order_lines,
    SUM(COALESCE(o.first_lines, 0)) AS orders,
    SUM(COALESCE(o.revenue, NUMERIC '0')) AS revenue,
    SUM(COALESCE(o.line_revenue, NUMERIC '0')) AS line_revenue,
    SUM(COALESCE(o.repeated_lines, 0)) AS repeated_lines,
    SUM(COALESCE(o.is_mixed, 0)) AS mixed_orders,
    SUM(IF(k.order_id IS NULL, o.first_lines, 0)) AS orders_without_owner,
    SUM(IF(COALESCE(o.first_lines, 0) = 0, k.held, 0)) AS owners_without_order
  FROM orders AS o
  FULL JOIN owners AS k ON k.order_date = o.order_date AND k.order_id = o.order_id
  GROUP BY order_date
),

product_lines AS (
  SELECT
    f.order_date,
    f.product_id,
    COUNT(*) AS order_lines,
    SUM(f.line_total) AS revenue,
    COUNTIF(f.product_name IS NULL) AS unnamed_lines
  FROM facts AS f
  WHERE f.product_id IS NOT NULL
  GROUP BY f.order_date, f.product_id
),

products AS (
  SELECT a.order_date, a.product_id, SUM(a.order_lines) AS order_lines, SUM(a.total_revenue) AS revenue
  FROM agg_daily_products AS a
  WHERE a.order_date IN UNNEST(@audit_dates)
  GROUP BY a.order_date, a.product_id
),

product_sums AS (
  SELECT
    COALESCE(l.order_date, a.order_date) AS order_date,
    COUNTIF(l.order_lines IS DISTINCT FROM a.order_lines OR l.revenue IS DISTINCT FROM a.revenue) AS differing_products,
    SUM(IF(p.product_id IS NOT NULL, l.unnamed_lines, 0)) AS unnamed_lines
  FROM product_lines AS l
  FULL JOIN products AS a ON a.order_date = l.order_date AND a.product_id = l.product_id
  LEFT JOIN dim_products AS p ON p.product_id = l.product_id
  GROUP BY order_date
),

customer_lines AS (
  SELECT f.order_date, f.customer_id, COUNTIF(f.line_number = 1) AS orders, COUNTIF(f.customer_tier = 'unknown') AS untiered_lines
  FROM facts AS f
  WHERE f.customer_id IS NOT NULL
  GROUP BY f.order_date, f.customer_id
),

customers AS (
  SELECT a.order_date, a.customer_id, SUM(a.orders) AS orders
  FROM agg_daily_customers AS a
  WHERE a.order_date IN UNNEST(@audit_dates)
  GROUP BY a.order_date, a.customer_id
),

-- Customers that orders wait for although the catalog knows their tier.
untiered AS (
  SELECT DISTINCT u.order_date, u.ref_id
  FROM unresolved_refs AS u
  JOIN dim_customers AS c ON c.customer_id = u.ref_id
  WHERE u.ref_kind = 'customer' AND c.customer_tier IS DISTINCT FROM 'unknown'
),

customer_sums AS (
  SELECT
    COALESCE(l.order_date, a.order_date) AS order_date,
    COUNTIF(COALESCE(l.orders, 0) != COALESCE(a.orders, 0)) AS differing_customers,
    SUM(IF(u.ref_id IS NOT NULL, l.untiered_lines, 0)) AS untiered_lines
  FROM customer_lines AS l
  FULL JOIN customers AS a ON a.order_date = l.order_date AND a.customer_id = l.customer_id
  LEFT JOIN untiered AS u ON u.order_date = l.order_date AND u.ref_id = l.customer_id
  GROUP BY order_date
),

file_lines AS (
  SELECT f.order_date, f.file_id, COUNTIF(f.line_number = 1) AS orders, COUNT(*) AS order_lines
  FROM facts AS f
  GROUP BY f.order_date, f.file_id
),

files AS (
  SELECT a.order_date, a.file_id, SUM(a.orders) AS orders, SUM(a.order_lines) AS order_lines
  FROM agg_daily_files AS a
  WHERE a.order_date IN UNNEST(@audit_dates)
  GROUP BY a.order_date, a.file_id
),

file_sums AS (
  SELECT
    COALESCE(l.order_date, a.order_date) AS order_date,
    COUNTIF(l.orders IS DISTINCT FROM a.orders OR l.order_lines IS DISTINCT FROM a.order_lines) AS differing_files
  FROM file_lines AS l
  FULL JOIN files AS a ON a.order_date = l.order_date AND a.file_id = l.file_id
  GROUP BY order_date
),

aggregates AS (
  -- @include day_aggregates
),

days AS (
  SELECT o.order_date FROM order_sums AS o
  UNION DISTINCT
  SELECT p.order_date FROM product_sums AS p
  UNION DISTINCT
  SELECT c.order_date FROM customer_sums AS c
  UNION DISTINCT
  SELECT i.order_date FROM file_sums AS i
  UNION DISTINCT
  SELECT a.order_date FROM aggregates AS a WHERE a.order_date IN UNNEST(@audit_dates)
),

recounts AS (
  SELECT
    d.order_date,
    COALESCE(o.order_lines, 0) AS order_lines,
    COALESCE(o.orders, 0) AS orders,
    COALESCE(o.revenue, NUMERIC '0') AS revenue,
    COALESCE(o.line_revenue, NUMERIC '0') AS line_revenue,
    a.restated_at,
    COALESCE(a.hour_orders, 0) AS hour_orders,
    COALESCE(a.hour_revenue, NUMERIC '0') AS hour_revenue,
    COALESCE(a.category_revenue, NUMERIC '0') AS category_revenue,
    COALESCE(a.place_orders, 0) AS place_orders,
    COALESCE(a.place_revenue, NUMERIC '0') AS place_revenue,
    COALESCE(a.file_orders, 0) AS file_orders,
    COALESCE(a.file_lines, 0) AS file_lines,
    COALESCE(p.differing_products, 0) AS differing_products,
    COALESCE(c.differing_customers, 0) AS differing_customers,
    COALESCE(i.differing_files, 0) AS differing_files,
    COALESCE(o.repeated_lines, 0) AS repeated_lines,
    COALESCE(o.mixed_orders, 0) AS mixed_orders,
    COALESCE(o.orders_without_owner, 0) AS orders_without_owner,
    COALESCE(o.owners_without_order, 0) AS owners_without_order,
    COALESCE(p.unnamed_lines, 0) AS unnamed_lines,
    COALESCE(c.untiered_lines, 0) AS untiered_lines
  FROM days AS d
  LEFT JOIN order_sums AS o ON o.order_date = d.order_date
  LEFT JOIN product_sums AS p ON p.order_date = d.order_date
  LEFT JOIN customer_sums AS c ON c.order_date = d.order_date
  LEFT JOIN file_sums AS i ON i.order_date = d.order_date
  LEFT JOIN aggregates AS a ON a.order_date = d.order_date
)

SELECT
  r.order_date, @recounted_at, r.order_lines, r.orders, r.revenue, r.line_revenue, r.restated_at, r.hour_orders, r.hour_revenue,
  r.category_revenue, r.place_orders, r.place_revenue, r.file_orders, r.file_lines, r.differing_products, r.differing_customers,
  r.differing_files, r.repeated_lines, r.mixed_orders, r.orders_without_owner, r.owners_without_order, r.unnamed_lines, r.untiered_lines,
  r.differing_products + r.differing_customers + r.differing_files + r.repeated_lines + r.mixed_orders
  + r.orders_without_owner + r.owners_without_order + r.unnamed_lines + r.untiered_lines
  + IF(r.hour_orders != r.orders OR r.hour_revenue != r.revenue, 1, 0)
  + IF(r.category_revenue != r.line_revenue, 1, 0)
  + IF(r.place_orders != r.orders OR r.place_revenue != r.revenue, 1, 0)
FROM recounts AS r;
