-- Grain: one row per column of fact_orders that an order should fill, of dim_products and of dim_customers: the share of
-- rows that say something in it. NULL, blank and unknown say nothing, except that NULL in an order line says guest, no
-- product and not shipped. The tier and category none of a customer and a product say nothing either. Of the lines of the
-- 28 days up to the report date, and of the catalogs as they are; a table without rows has no shares. What the schema
-- requires and is no text, and the order's file, whose id the pipeline makes, is filled in every row: rows are counted in its
-- place, because BigQuery bills a column that a statement names.
-- Run by the reporter's daily run, in the report's transaction. It reads the texts of those days and of the catalogs, and
-- what may be NULL.
-- @param report_date DATE
-- @param completeness_min NUMERIC
INSERT INTO audit (section_rank, place, section, check_name, table_name, subject, value, unit, expectation, status)
WITH counts AS (
  SELECT
    'fact_orders' AS table_name,
    1 AS first_place,
    COUNT(*) AS row_count,
    [
      STRUCT('order_id' AS column_name, COUNTIF(TRIM(f.order_id) NOT IN ('', 'unknown')) AS filled),
      ('line_number', COUNT(*)),
      ('customer_id', COUNTIF(f.customer_id IS NULL OR TRIM(f.customer_id) NOT IN ('', 'unknown'))),
      ('customer_tier', COUNTIF(f.customer_id IS NULL OR TRIM(f.customer_tier) NOT IN ('', 'unknown', 'none'))),
      ('order_timestamp', COUNT(*)),
      ('order_date', COUNT(*)),
      ('order_hour', COUNT(*)),
      ('product_id', COUNTIF(f.product_id IS NULL OR TRIM(f.product_id) NOT IN ('', 'unknown'))),
      ('product_name', COUNTIF(f.product_id IS NULL OR TRIM(f.product_name) NOT IN ('', 'unknown'))),
      ('category', COUNTIF(f.product_id IS NULL OR TRIM(f.category) NOT IN ('', 'unknown', 'none'))),
      ('category_line_number', COUNT(f.category_line_number)),
      ('quantity', COUNT(*)),
      ('unit_price', COUNT(*)),
      ('line_total', COUNT(*)),
      ('total_amount', COUNT(*)),
      ('payment_status', COUNTIF(TRIM(f.payment_status) NOT IN ('', 'unknown'))),
      ('street', COUNTIF(f.region = 'none' OR TRIM(f.street) NOT IN ('', 'unknown'))),
      ('city', COUNTIF(f.region = 'none' OR TRIM(f.city) NOT IN ('', 'unknown'))),
      ('state', COUNTIF(f.region = 'none' OR TRIM(f.state) NOT IN ('', 'unknown'))),
      ('zipcode', COUNTIF(f.region = 'none' OR TRIM(f.zipcode) NOT IN ('', 'unknown'))),
      ('country', COUNTIF(f.region = 'none' OR TRIM(f.country) NOT IN ('', 'unknown'))),
      ('region', COUNTIF(TRIM(f.region) NOT IN ('', 'unknown'))),
      ('file_id', COUNT(*)),
      ('record_index', COUNT(*)),
      ('loaded_at', COUNT(*))
    ] AS columns
  FROM fact_orders AS f
  WHERE f.order_date BETWEEN DATE_SUB(@report_date, INTERVAL 27 DAY) AND @report_date
  UNION ALL
  SELECT
    'dim_products',
    101,
    COUNT(*),
    [
      STRUCT('product_id' AS column_name, COUNTIF(TRIM(p.product_id) NOT IN ('', 'unknown')) AS filled),
      ('product_name', COUNTIF(TRIM(p.product_name) NOT IN ('', 'unknown'))),
      ('category', COUNTIF(TRIM(p.category) NOT IN ('', 'unknown'))),
      ('price', COUNT(*)),
      ('stock_level', COUNT(p.stock_level)),
      ('is_active', COUNT(*)),
      ('content_hash', COUNTIF(TRIM(p.content_hash) NOT IN ('', 'unknown'))),
      ('file_id', COUNTIF(TRIM(p.file_id) NOT IN ('', 'unknown'))),
      ('landed_at', COUNT(*)),
      ('updated_at', COUNT(*))
    ]
  FROM dim_products AS p
  UNION ALL
  SELECT
    'dim_customers',
    201,
    COUNT(*),
    [
      STRUCT('customer_id' AS column_name, COUNTIF(TRIM(c.customer_id) NOT IN ('', 'unknown')) AS filled),
      ('name', COUNTIF(TRIM(c.name) NOT IN ('', 'unknown'))),
      ('email', COUNTIF(TRIM(c.email) NOT IN ('', 'unknown'))),
      ('registration_date', COUNT(c.registration_date)),
      ('customer_tier', COUNTIF(TRIM(c.customer_tier) NOT IN ('', 'unknown'))),
      ('is_active', COUNT(*)),
      ('content_hash', COUNTIF(TRIM(c.content_hash) NOT IN ('', 'unknown'))),
      ('file_id', COUNTIF(TRIM(c.file_id) NOT IN ('', 'unknown'))),
      ('landed_at', COUNT(*)),
      ('updated_at', COUNT(*))
    ]
  FROM dim_customers AS c
),

shares AS (
  SELECT
    n.table_name,
    n.first_place + position AS place,
    c.column_name,
    ROUND(CAST(c.filled AS NUMERIC) / n.row_count, 6) AS share
  FROM counts AS n
  CROSS JOIN UNNEST(n.columns) AS c WITH OFFSET AS position
  WHERE n.row_count > 0
)

SELECT
  2,
  s.place,
  'completeness',
  'share_filled',
  s.table_name,
  s.column_name,
  s.share,
  'share',
  CONCAT('at least ', CAST(@completeness_min AS STRING)),
  IF(s.share >= @completeness_min, 'ok', 'warning')
FROM shares AS s;
