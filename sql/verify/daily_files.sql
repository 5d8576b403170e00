-- Grain: one row per day and file, and column whose stored value in agg_daily_files is not that of a
-- recomputation from fact_orders, and per row there that is missing, left over or stands more than once.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH recomputed AS (
  SELECT
    f.order_date, f.file_id,
    COUNTIF(f.line_number = 1) AS orders,
    COUNT(*) AS order_lines,
    MAX(f.loaded_at) AS loaded_at
  FROM fact_orders AS f
  GROUP BY f.order_date, f.file_id
),

stored AS (
  SELECT a.*, COUNT(*) OVER (PARTITION BY a.order_date, a.file_id) AS copies
  FROM agg_daily_files AS a
),

paired AS (
  SELECT
    IF(
      s.order_date IS NOT NULL,
      ARRAY_TO_STRING([CAST(s.order_date AS STRING), s.file_id], ' '),
      ARRAY_TO_STRING([CAST(r.order_date AS STRING), r.file_id], ' ')
    ) AS id,
    CASE
      WHEN r.order_date IS NULL THEN 'left over: the facts have nothing in it'
      WHEN s.order_date IS NULL THEN CONCAT('missing: the facts have ', CAST(r.order_lines AS STRING), ' order lines in it')
      WHEN s.copies > 1 THEN CONCAT('stands ', CAST(s.copies AS STRING), ' times')
    END AS fault,
    [
      STRUCT('orders' AS name, CAST(s.orders AS STRING) AS stored, CAST(r.orders AS STRING) AS want),
      ('order_lines', CAST(s.order_lines AS STRING), CAST(r.order_lines AS STRING)),
      ('loaded_at', CAST(s.loaded_at AS STRING), CAST(r.loaded_at AS STRING))
    ] AS pairs
  FROM stored AS s
  FULL JOIN recomputed AS r
    ON r.order_date = s.order_date AND r.file_id = s.file_id
)

SELECT DISTINCT CONCAT('file of ', p.id, ': ', p.fault) AS detail
FROM paired AS p
WHERE p.fault IS NOT NULL
UNION ALL
SELECT CONCAT('file of ', p.id, ': ', c.name, ' is ', COALESCE(c.stored, 'NULL'), ', the facts give ', COALESCE(c.want, 'NULL'))
FROM paired AS p
CROSS JOIN UNNEST(p.pairs) AS c
WHERE p.fault IS NULL AND c.stored IS DISTINCT FROM c.want;
