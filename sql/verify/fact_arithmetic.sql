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
    IF(
      o.first_line != 1 OR o.last_line != o.line_count,
      CONCAT('its ', CAST(o.line_count AS STRING), ' lines are numbered ', CAST(o.first_line AS STRING), ' to ', CAST(o.last_line AS STRING)),
      CONCAT('its lines disagree about ', o.disagreed)
    ) AS fault
  FROM (
    SELECT
      f.order_id,
      COUNT(*) AS line_count,
      MIN(f.line_number) AS first_line,
      MAX(f.line_number) AS last_line,
      ARRAY_TO_STRING([
        IF(MIN(f.total_amount) != MAX(f.total_amount), 'total_amount', NULL),
        IF(MIN(f.customer_id) != MAX(f.customer_id) OR COUNT(f.customer_id) NOT IN (0, COUNT(*)), 'customer_id', NULL),
        IF(MIN(f.customer_tier) != MAX(f.customer_tier), 'customer_tier', NULL),
        IF(MIN(COALESCE(f.utc_offset_seconds, 0)) != MAX(COALESCE(f.utc_offset_seconds, 0)), 'utc_offset_seconds', NULL),
        IF(MIN(f.payment_status) != MAX(f.payment_status), 'payment_status', NULL),
        IF(COUNT(DISTINCT COALESCE(f.payment_status_text, '')) > 1, 'payment_status_text', NULL),
        IF(MIN(f.order_timestamp) != MAX(f.order_timestamp), 'order_timestamp', NULL),
        IF(COUNT(DISTINCT COALESCE(CAST(f.updated_at AS STRING), '')) > 1, 'updated_at', NULL),
        IF(COUNT(DISTINCT COALESCE(f.currency, '')) > 1, 'currency', NULL),
        IF(COUNT(DISTINCT COALESCE(CAST(f.tax_amount AS STRING), '')) > 1, 'tax_amount', NULL),
        IF(COUNT(DISTINCT COALESCE(CAST(f.tax_included AS STRING), '')) > 1, 'tax_included', NULL),
        IF(COUNT(DISTINCT COALESCE(CAST(f.shipping_amount AS STRING), '')) > 1, 'shipping_amount', NULL),
        IF(COUNT(DISTINCT COALESCE(CAST(f.discount_amount AS STRING), '')) > 1, 'discount_amount', NULL),
        IF(COUNT(DISTINCT COALESCE(CAST(f.refunded_amount AS STRING), '')) > 1, 'refunded_amount', NULL),
        IF(COUNT(DISTINCT CONCAT(
          COALESCE(f.street, ''), '/', COALESCE(f.city, ''), '/', COALESCE(f.state, ''), '/', COALESCE(f.zipcode, ''), '/',
          COALESCE(f.country, ''), '/', f.region
        )) > 1, 'the address', NULL),
        IF(MIN(f.file_id) != MAX(f.file_id), 'file_id', NULL),
        IF(MIN(f.record_index) != MAX(f.record_index), 'record_index', NULL),
        IF(MIN(f.loaded_at) != MAX(f.loaded_at), 'loaded_at', NULL)
      ], ', ') AS disagreed
    FROM fact_orders AS f
    GROUP BY f.order_id
  ) AS o
  WHERE o.first_line != 1 OR o.last_line != o.line_count OR o.disagreed != ''
),

wrong AS (
  SELECT l.order_id, l.fault FROM wrong_lines AS l WHERE l.fault IS NOT NULL
  UNION ALL
  SELECT n.order_id, n.fault FROM wrong_numbers AS n
  UNION ALL
  SELECT o.order_id, o.fault FROM wrong_orders AS o
)

SELECT CONCAT('order ', w.order_id, ': ', w.fault) AS detail
FROM wrong AS w;
