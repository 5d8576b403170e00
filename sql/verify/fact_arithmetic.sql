-- Grain: one row per line whose derived columns do not follow from the others, or per order
-- whose lines disagree or are not numbered from 1 without a gap.
-- Run by whoever verifies the warehouse; it reads the whole table and changes nothing.
WITH wrong_lines AS (
  SELECT
    f.order_id,
    CONCAT('line ', CAST(f.line_number AS STRING), ': ', CASE
      WHEN f.line_total != f.quantity * f.unit_price - COALESCE(f.line_discount_amount, NUMERIC '0')
        THEN CONCAT('line_total is ', CAST(f.line_total AS STRING), ', ', CAST(f.quantity AS STRING), ' x ', CAST(f.unit_price AS STRING),
          ' less the discount is ', CAST(f.quantity * f.unit_price - COALESCE(f.line_discount_amount, NUMERIC '0') AS STRING))
      WHEN f.line_total < 0 THEN CONCAT('line_total is ', CAST(f.line_total AS STRING))
      WHEN f.refunded_amount NOT BETWEEN 0 AND f.total_amount
        THEN CONCAT('refunded_amount is ', CAST(f.refunded_amount AS STRING), ', total_amount ', CAST(f.total_amount AS STRING))
      WHEN f.customer_id IS NULL AND f.customer_tier != 'guest' THEN CONCAT('customer_tier is ', f.customer_tier, ', but the order is a guest\'s')
      WHEN f.product_id IS NULL AND f.category != 'none' THEN CONCAT('category is ', f.category, ', but the line has no product')
      WHEN f.product_id IS NULL AND f.product_name IS NOT NULL THEN CONCAT('product_name is ', f.product_name, ', but the line has no product')
      WHEN f.order_date != DATE(TIMESTAMP_ADD(f.order_timestamp, INTERVAL COALESCE(f.utc_offset_seconds, 0) SECOND))
        THEN CONCAT('order_date is ', CAST(f.order_date AS STRING), ', order_timestamp ', CAST(f.order_timestamp AS STRING))
      WHEN f.order_hour != EXTRACT(HOUR FROM TIMESTAMP_ADD(f.order_timestamp, INTERVAL COALESCE(f.utc_offset_seconds, 0) SECOND))
        THEN CONCAT('order_hour is ', CAST(f.order_hour AS STRING), ', order_timestamp ', CAST(f.order_timestamp AS STRING))
      WHEN f.utc_offset_seconds NOT BETWEEN -86400 AND 86400 THEN CONCAT('utc_offset_seconds is ', CAST(f.utc_offset_seconds AS STRING))
    END) AS fault
  FROM fact_orders AS f
),

wrong_numbers AS (
  SELECT
    n.order_id,
    CONCAT(
      'line ', CAST(n.line_number AS STRING), ': category_line_number is ', COALESCE(CAST(n.category_line_number AS STRING), 'NULL'),
      ', the line is number ', CAST(n.position AS STRING), ' of its category'
    ) AS fault
  FROM (
    SELECT
      f.order_id,
      f.line_number,
      f.category_line_number,
      ROW_NUMBER() OVER (PARTITION BY f.order_id, f.category ORDER BY f.line_number) AS position
    FROM fact_orders AS f
  ) AS n
  WHERE n.category_line_number IS DISTINCT FROM n.position
),

wrong_orders AS (
  SELECT
    o.order_id,
    CONCAT('its ', CAST(o.line_count AS STRING), ' lines are numbered ', CAST(o.first_line AS STRING), ' to ', CAST(o.last_line AS STRING)) AS fault
  FROM (
    SELECT f.order_id, COUNT(*) AS line_count, MIN(f.line_number) AS first_line, MAX(f.line_number) AS last_line
    FROM fact_orders AS f
    GROUP BY f.order_id
  ) AS o
  WHERE o.first_line != 1 OR o.last_line != o.line_count
),

-- What is the order's stands in each of its lines: all are compared with the first.
disagreeing AS (
  SELECT
    f.order_id,
    ARRAY_TO_STRING([
      IF(f.total_amount != l.total_amount, 'total_amount', NULL),
      IF(f.customer_id IS DISTINCT FROM l.customer_id, 'customer_id', NULL),
      IF(f.customer_tier != l.customer_tier, 'customer_tier', NULL),
      IF(COALESCE(f.utc_offset_seconds, 0) != COALESCE(l.utc_offset_seconds, 0), 'utc_offset_seconds', NULL),
      IF(f.payment_status != l.payment_status, 'payment_status', NULL),
      IF(f.payment_status_text IS DISTINCT FROM l.payment_status_text, 'payment_status_text', NULL),
      IF(f.order_timestamp != l.order_timestamp, 'order_timestamp', NULL),
      IF(f.updated_at IS DISTINCT FROM l.updated_at, 'updated_at', NULL),
      IF(f.currency IS DISTINCT FROM l.currency, 'currency', NULL),
      IF(f.tax_amount IS DISTINCT FROM l.tax_amount, 'tax_amount', NULL),
      IF(f.tax_included IS DISTINCT FROM l.tax_included, 'tax_included', NULL),
      IF(f.shipping_amount IS DISTINCT FROM l.shipping_amount, 'shipping_amount', NULL),
      IF(f.discount_amount IS DISTINCT FROM l.discount_amount, 'discount_amount', NULL),
      IF(f.refunded_amount IS DISTINCT FROM l.refunded_amount, 'refunded_amount', NULL),
      IF(f.street IS DISTINCT FROM l.street, 'street', NULL),
      IF(f.city IS DISTINCT FROM l.city, 'city', NULL),
      IF(f.state IS DISTINCT FROM l.state, 'state', NULL),
      IF(f.zipcode IS DISTINCT FROM l.zipcode, 'zipcode', NULL),
      IF(f.country IS DISTINCT FROM l.country, 'country', NULL),
      IF(f.region != l.region, 'region', NULL),
      IF(f.file_id != l.file_id, 'file_id', NULL),
      IF(f.record_index != l.record_index, 'record_index', NULL),
      IF(f.loaded_at != l.loaded_at, 'loaded_at', NULL)
    ], ', ') AS columns
  FROM fact_orders AS f
  JOIN fact_orders AS l ON l.order_id = f.order_id
  WHERE
    f.line_number = 1
    AND l.line_number != 1
),

wrong AS (
  SELECT l.order_id, l.fault FROM wrong_lines AS l WHERE l.fault IS NOT NULL
  UNION ALL
  SELECT n.order_id, n.fault FROM wrong_numbers AS n
  UNION ALL
  SELECT o.order_id, o.fault FROM wrong_orders AS o
  UNION ALL
  SELECT DISTINCT d.order_id, CONCAT('its lines disagree about ', d.columns)
  FROM disagreeing AS d
  WHERE d.columns != ''
)

SELECT CONCAT('order ', w.order_id, ': ', w.fault) AS detail
FROM wrong AS w;
