-- Grain: one row per column of fact_orders that an order should fill: the share of rows that say something
-- in it. NULL, blank and unknown say nothing, except that NULL says guest, no product and not shipped. The tier and
-- category none of a customer and a product say nothing either. Of the lines of the 28 days up to the report date.
-- Run by the reporter's daily run, in the report's transaction. It reads all columns of those days.
-- @param report_date DATE
-- @param completeness_min NUMERIC
INSERT INTO audit (section_rank, place, section, check_name, table_name, subject, value, unit, expectation, status)
WITH counts AS (
  SELECT
    COUNT(*) AS row_count,
    COUNTIF(TRIM(f.order_id) NOT IN ('', 'unknown')) AS order_id,
    COUNT(f.line_number) AS line_number,
    COUNTIF(f.customer_id IS NULL OR TRIM(f.customer_id) NOT IN ('', 'unknown')) AS customer_id,
    COUNTIF(f.customer_id IS NULL OR TRIM(f.customer_tier) NOT IN ('', 'unknown', 'none')) AS customer_tier,
    COUNT(f.order_timestamp) AS order_timestamp,
    COUNT(f.order_date) AS order_date,
    COUNT(f.order_hour) AS order_hour,
    COUNTIF(f.product_id IS NULL OR TRIM(f.product_id) NOT IN ('', 'unknown')) AS product_id,
    COUNTIF(f.product_id IS NULL OR TRIM(f.product_name) NOT IN ('', 'unknown')) AS product_name,
    COUNTIF(f.product_id IS NULL OR TRIM(f.category) NOT IN ('', 'unknown', 'none')) AS category,
    COUNT(f.category_line_number) AS category_line_number,
    COUNT(f.quantity) AS quantity,
    COUNT(f.unit_price) AS unit_price,
    COUNT(f.line_total) AS line_total,
    COUNT(f.total_amount) AS total_amount,
    COUNTIF(TRIM(f.payment_status) NOT IN ('', 'unknown')) AS payment_status,
    COUNTIF(f.region = 'none' OR TRIM(f.street) NOT IN ('', 'unknown')) AS street,
    COUNTIF(f.region = 'none' OR TRIM(f.city) NOT IN ('', 'unknown')) AS city,
    COUNTIF(f.region = 'none' OR TRIM(f.state) NOT IN ('', 'unknown')) AS state,
    COUNTIF(f.region = 'none' OR TRIM(f.zipcode) NOT IN ('', 'unknown')) AS zipcode,
    COUNTIF(f.region = 'none' OR TRIM(f.country) NOT IN ('', 'unknown')) AS country,
    COUNTIF(TRIM(f.region) NOT IN ('', 'unknown')) AS region,
    COUNTIF(TRIM(f.file_id) NOT IN ('', 'unknown')) AS file_id,
    COUNT(f.record_index) AS record_index,
    COUNT(f.loaded_at) AS loaded_at
  FROM fact_orders AS f
  WHERE f.order_date BETWEEN DATE_SUB(@report_date, INTERVAL 27 DAY) AND @report_date
),

shares AS (
  SELECT
    c.place,
    c.column_name,
    ROUND(CAST(c.filled AS NUMERIC) / n.row_count, 6) AS share
  FROM counts AS n
  CROSS JOIN UNNEST([
    STRUCT(1 AS place, 'order_id' AS column_name, n.order_id AS filled),
    (2, 'line_number', n.line_number),
    (3, 'customer_id', n.customer_id),
    (4, 'customer_tier', n.customer_tier),
    (5, 'order_timestamp', n.order_timestamp),
    (6, 'order_date', n.order_date),
    (7, 'order_hour', n.order_hour),
    (8, 'product_id', n.product_id),
    (9, 'product_name', n.product_name),
    (10, 'category', n.category),
    (11, 'category_line_number', n.category_line_number),
    (12, 'quantity', n.quantity),
    (13, 'unit_price', n.unit_price),
    (14, 'line_total', n.line_total),
    (15, 'total_amount', n.total_amount),
    (16, 'payment_status', n.payment_status),
    (17, 'street', n.street),
    (18, 'city', n.city),
    (19, 'state', n.state),
    (20, 'zipcode', n.zipcode),
    (21, 'country', n.country),
    (22, 'region', n.region),
    (23, 'file_id', n.file_id),
    (24, 'record_index', n.record_index),
    (25, 'loaded_at', n.loaded_at)
  ]) AS c
  WHERE n.row_count > 0
)

SELECT
  2,
  0 + s.place,
  'completeness',
  'share_filled',
  'fact_orders',
  s.column_name,
  s.share,
  'share',
  CONCAT('at least ', CAST(@completeness_min AS STRING)),
  IF(s.share >= @completeness_min, 'ok', 'warning')
FROM shares AS s;
