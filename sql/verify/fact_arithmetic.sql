-- Grain: one row per line whose derived columns do not follow from the others, or per order
-- whose lines disagree or are not numbered from 1 without a gap.
-- Run by whoever verifies the warehouse; it reads the whole table and changes nothing.
WITH wrong_lines AS (
  SELECT f.order_id, 'a derived column does not follow from the others' AS fault
  FROM fact_orders AS f
  WHERE
    f.line_total != f.quantity * f.unit_price
    OR f.order_date != DATE(f.order_timestamp)
    OR f.order_hour != EXTRACT(HOUR FROM f.order_timestamp)
),

wrong_numbers AS (
  SELECT n.order_id, 'the lines of a category are not numbered in their order from 1' AS fault
  FROM (
    SELECT
      f.order_id,
      f.category_line_number,
      ROW_NUMBER() OVER (PARTITION BY f.order_id, f.category ORDER BY f.line_number) AS position
    FROM fact_orders AS f
  ) AS n
  WHERE n.category_line_number IS DISTINCT FROM n.position
),

wrong_orders AS (
  SELECT f.order_id, 'its lines disagree or are not numbered from 1 without a gap' AS fault
  FROM fact_orders AS f
  GROUP BY f.order_id
  HAVING
    MIN(f.line_number) != 1
    OR MAX(f.line_number) != COUNT(*)
    OR MIN(f.total_amount) != MAX(f.total_amount)
    OR MIN(f.customer_id) != MAX(f.customer_id)
    OR MIN(f.payment_status) != MAX(f.payment_status)
    OR MIN(f.order_timestamp) != MAX(f.order_timestamp)
    OR MIN(f.file_id) != MAX(f.file_id)
    OR MIN(f.record_index) != MAX(f.record_index)
),

wrong AS (
  SELECT l.order_id, l.fault FROM wrong_lines AS l
  UNION ALL
  SELECT n.order_id, n.fault FROM wrong_numbers AS n
  UNION ALL
  SELECT o.order_id, o.fault FROM wrong_orders AS o
)

SELECT CONCAT('order ', w.order_id, ': ', w.fault) AS detail
FROM wrong AS w;
