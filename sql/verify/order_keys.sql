-- Grain: one row per order and column that stands in order_keys otherwise than in fact_orders, per order
-- that stands in one of them only, or twice, and per key whose fingerprint is not its order's.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH keys AS (
  SELECT k.*, COUNT(*) OVER (PARTITION BY k.order_id) AS copies
  FROM order_keys AS k
),

orders AS (
  SELECT f.order_id, f.order_date, f.file_id, f.record_index, f.updated_at
  FROM fact_orders AS f
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY f.order_id ORDER BY f.line_number) = 1
),

paired AS (
  SELECT
    COALESCE(k.order_id, o.order_id) AS order_id,
    CASE
      WHEN k.order_id IS NULL THEN 'has no key'
      WHEN o.order_id IS NULL THEN 'has a key, but no facts'
      WHEN k.copies > 1 THEN CONCAT('has ', CAST(k.copies AS STRING), ' keys')
    END AS fault,
    CAST(k.order_date AS STRING) AS key_date,
    CAST(o.order_date AS STRING) AS fact_date,
    k.file_id AS key_file,
    o.file_id AS fact_file,
    CAST(k.record_index AS STRING) AS key_record,
    CAST(o.record_index AS STRING) AS fact_record,
    CAST(k.updated_at AS STRING) AS key_updated,
    CAST(o.updated_at AS STRING) AS fact_updated
  FROM keys AS k
  FULL JOIN orders AS o ON o.order_id = k.order_id
  WHERE
    k.order_id IS NULL
    OR o.order_id IS NULL
    OR k.copies > 1
    OR k.order_date != o.order_date
    OR k.file_id != o.file_id
    OR k.record_index != o.record_index
    OR k.updated_at IS DISTINCT FROM o.updated_at
)

SELECT
  CONCAT(
    'order ', k.order_id, ': order_mark of its key is ', CAST(k.order_mark AS STRING), ', of its id and day ',
    CAST(
      -- @include order_mark
      AS STRING
    )
  ) AS detail
FROM order_keys AS k
WHERE k.order_mark != (
  -- @include order_mark
)
UNION ALL
SELECT DISTINCT CONCAT('order ', p.order_id, ': ', p.fault)
FROM paired AS p
WHERE p.fault IS NOT NULL
UNION ALL
SELECT CONCAT('order ', p.order_id, ': ', c.name, ' of its key is ', COALESCE(c.stored, 'NULL'), ', of its facts ', COALESCE(c.want, 'NULL'))
FROM paired AS p
CROSS JOIN UNNEST([
  STRUCT('order_date' AS name, p.key_date AS stored, p.fact_date AS want),
  ('file_id', p.key_file, p.fact_file),
  ('record_index', p.key_record, p.fact_record),
  ('updated_at', p.key_updated, p.fact_updated)
]) AS c
WHERE p.fault IS NULL AND c.stored IS DISTINCT FROM c.want;
