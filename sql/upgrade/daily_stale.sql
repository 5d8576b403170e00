-- Grain: one row per day whose aggregates, those of agg_daily_..., are not what its facts come to: an earlier
-- release has loaded or changed them.
-- Run by provisioning; changes nothing.
WITH orders_of_facts AS (
  SELECT
    f.order_date, f.customer_tier, f.payment_status, f.region, f.state, f.country,
    -- @include daily_order_figures
  FROM fact_orders AS f
  WHERE f.line_number = 1
  GROUP BY f.order_date, f.customer_tier, f.payment_status, f.region, f.state, f.country
),

orders AS (
  SELECT a.order_date, a.customer_tier, a.payment_status, a.region, a.state, a.country, a.orders, a.total_revenue, a.refunded_revenue, a.paid_revenue
  FROM agg_daily_orders AS a
),

products_of_facts AS (
  SELECT
    f.order_date, f.product_id, f.payment_status,
    -- @include daily_product_figures
  FROM fact_orders AS f
  WHERE f.product_id IS NOT NULL
  GROUP BY f.order_date, f.product_id, f.payment_status
),

products AS (
  SELECT a.order_date, a.product_id, a.payment_status, a.product_name, a.category, a.order_lines, a.units, a.total_revenue
  FROM agg_daily_products AS a
),

customers_of_facts AS (
  SELECT
    f.order_date, f.customer_id, f.customer_tier,
    -- @include daily_customer_figures
  FROM fact_orders AS f
  WHERE f.line_number = 1 AND f.customer_id IS NOT NULL
  GROUP BY f.order_date, f.customer_id, f.customer_tier
),

customers AS (
  SELECT a.order_date, a.customer_id, a.customer_tier, a.orders, a.headline_revenue, a.completed_revenue, a.paid_orders, a.paid_revenue
  FROM agg_daily_customers AS a
),

files_of_facts AS (
  SELECT
    f.order_date, f.file_id,
    COUNTIF(f.line_number = 1) AS orders,
    COUNT(*) AS order_lines,
    MAX(f.loaded_at) AS loaded_at
  FROM fact_orders AS f
  GROUP BY f.order_date, f.file_id
),

files AS (
  SELECT a.order_date, a.file_id, a.orders, a.order_lines, a.loaded_at
  FROM agg_daily_files AS a
),

differing AS (
  SELECT d.order_date FROM (SELECT * FROM orders EXCEPT DISTINCT SELECT * FROM orders_of_facts) AS d
  UNION ALL
  SELECT d.order_date FROM (SELECT * FROM orders_of_facts EXCEPT DISTINCT SELECT * FROM orders) AS d
  UNION ALL
  SELECT d.order_date FROM (SELECT * FROM products EXCEPT DISTINCT SELECT * FROM products_of_facts) AS d
  UNION ALL
  SELECT d.order_date FROM (SELECT * FROM products_of_facts EXCEPT DISTINCT SELECT * FROM products) AS d
  UNION ALL
  SELECT d.order_date FROM (SELECT * FROM customers EXCEPT DISTINCT SELECT * FROM customers_of_facts) AS d
  UNION ALL
  SELECT d.order_date FROM (SELECT * FROM customers_of_facts EXCEPT DISTINCT SELECT * FROM customers) AS d
  UNION ALL
  SELECT d.order_date FROM (SELECT * FROM files EXCEPT DISTINCT SELECT * FROM files_of_facts) AS d
  UNION ALL
  SELECT d.order_date FROM (SELECT * FROM files_of_facts EXCEPT DISTINCT SELECT * FROM files) AS d
)

SELECT DISTINCT d.order_date AS day
FROM differing AS d
ORDER BY day;
