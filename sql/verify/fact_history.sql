-- Grain: one row per order whose lines in fact_orders_history contradict one another or the facts: shown at a time that
-- cannot be, twice at one time, or without all of its lines; and per version that was replaced without its lines being kept,
-- since the first that were.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH shown AS (
  SELECT h.order_id, h.line_number, h.loaded_at, h.removed_at
  FROM fact_orders_history AS h
  UNION ALL
  SELECT f.order_id, f.line_number, f.loaded_at, CAST(NULL AS TIMESTAMP)
  FROM fact_orders AS f
  WHERE f.order_id IN (SELECT h.order_id FROM fact_orders_history AS h)
),

followed AS (
  SELECT
    s.order_id,
    s.loaded_at,
    s.removed_at,
    LEAD(s.loaded_at) OVER (PARTITION BY s.order_id, s.line_number ORDER BY s.loaded_at, s.removed_at) AS next_loaded_at
  FROM shown AS s
),

orders AS (
  SELECT h.order_id, h.loaded_at, h.removed_at, COUNT(*) AS order_lines, MAX(h.line_number) AS last_line
  FROM fact_orders_history AS h
  GROUP BY h.order_id, h.loaded_at, h.removed_at
),

faults AS (
  SELECT f.order_id, 'stands in the facts at a time that cannot be' AS fault
  FROM followed AS f
  WHERE f.removed_at <= f.loaded_at
  UNION DISTINCT
  SELECT f.order_id, 'stood in the facts twice at one time'
  FROM followed AS f
  WHERE f.next_loaded_at < COALESCE(f.removed_at, f.next_loaded_at) OR f.removed_at IS NULL AND f.next_loaded_at IS NOT NULL
  UNION DISTINCT
  SELECT o.order_id, CONCAT('of ', CAST(o.last_line AS STRING), ' lines that were removed, ', CAST(o.order_lines AS STRING), ' are kept')
  FROM orders AS o
  WHERE o.order_lines != o.last_line
  UNION DISTINCT
  SELECT v.order_id, 'a version was replaced, and what it showed is not kept'
  FROM order_history AS v
  LEFT JOIN orders AS o ON o.order_id = v.order_id AND o.removed_at = v.valid_to
  WHERE
    v.outcome = 'superseded'
    AND v.valid_to > v.valid_from
    AND v.valid_to >= (SELECT MIN(h.removed_at) FROM fact_orders_history AS h)
    AND o.order_id IS NULL
)

SELECT CONCAT('order ', f.order_id, ': ', f.fault) AS detail
FROM faults AS f;
