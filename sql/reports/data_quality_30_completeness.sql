-- Grain: one row per column of fact_orders that an order should fill, of dim_products and of dim_customers: the share of
-- rows that say something in it. NULL, blank and unknown say nothing, except that NULL in an order line says guest, no
-- product and not shipped. The tier and category none of a customer and a product say nothing either. Of the lines of the
-- 28 days up to the report date, and of the catalogs as they are; a table without rows has no shares.
-- Run by the reporter's daily run, in the report's transaction. It reads all columns of those days and the catalogs.
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
      ('line_number', COUNT(f.line_number)),
      ('customer_id', COUNTIF(f.customer_id IS NULL OR TRIM(f.customer_id) NOT IN ('', 'unknown'))),
      ('customer_tier', COUNTIF(f.customer_id IS NULL OR TRIM(f.customer_tier) NOT IN ('', 'unknown', 'none'))),
      ('order_timestamp', COUNT(f.order_timestamp)),
      ('order_date', COUNT(f.order_date)),
      ('order_hour', COUNT(f.order_hour)),
      ('product_id', COUNTIF(f.product_id IS NULL OR TRIM(f.product_id) NOT IN ('', 'unknown'))),
      ('product_name', COUNTIF(f.product_id IS NULL OR TRIM(f.product_name) NOT IN ('', 'unknown'))),
      ('category', COUNTIF(f.product_id IS NULL OR TRIM(f.category) NOT IN ('', 'unknown', 'none'))),
      ('category_line_number', COUNT(f.category_line_number)),
      ('quantity', COUNT(f.quantity)),
      ('unit_price', COUNT(f.unit_price)),
      ('line_total', COUNT(f.line_total)),
      ('total_amount', COUNT(f.total_amount)),
      ('payment_status', COUNTIF(TRIM(f.payment_status) NOT IN ('', 'unknown'))),
      ('street', COUNTIF(f.region = 'none' OR TRIM(f.street) NOT IN ('', 'unknown'))),
      ('city', COUNTIF(f.region = 'none' OR TRIM(f.city) NOT IN ('', 'unknown'))),
      ('state', COUNTIF(f.region = 'none' OR TRIM(f.state) NOT IN ('', 'unknown'))),
      ('zipcode', COUNTIF(f.region = 'none' OR TRIM(f.zipcode) NOT IN ('', 'unknown'))),
      ('country', COUNTIF(f.region = 'none' OR TRIM(f.country) NOT IN ('', 'unknown'))),
      ('region', COUNTIF(TRIM(f.region) NOT IN ('', 'unknown'))),
      ('file_id', COUNTIF(TRIM(f.file_id) NOT IN ('', 'unknown'))),
      ('record_index', COUNT(f.record_index)),
      ('loaded_at', COUNT(f.loaded_at))
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
      ('price', COUNT(p.price)),
      ('stock_level', COUNT(p.stock_level)),
      ('is_active', COUNT(p.is_active)),
      ('content_hash', COUNTIF(TRIM(p.content_hash) NOT IN ('', 'unknown'))),
      ('file_id', COUNTIF(TRIM(p.file_id) NOT IN ('', 'unknown'))),
      ('landed_at', COUNT(p.landed_at)),
      ('updated_at', COUNT(p.updated_at))
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
      ('is_active', COUNT(c.is_active)),
      ('content_hash', COUNTIF(TRIM(c.content_hash) NOT IN ('', 'unknown'))),
      ('file_id', COUNTIF(TRIM(c.file_id) NOT IN ('', 'unknown'))),
      ('landed_at', COUNT(c.landed_at)),
      ('updated_at', COUNT(c.updated_at))
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
