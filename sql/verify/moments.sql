-- Grain: one row per file, dimension row or version that was written at a time when no transaction was: each
-- transaction writes a row of the ledger.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH transactions AS (
  SELECT DISTINCT l.loaded_at AS moment FROM file_ledger AS l
  UNION DISTINCT
  SELECT h.loaded_at FROM file_ledger_history AS h
),

written AS (
  SELECT DISTINCT CONCAT('facts of file ', f.file_id) AS what, 'loaded_at' AS name, f.loaded_at AS moment
  FROM fact_orders AS f
  UNION ALL
  SELECT DISTINCT CONCAT('lines of order ', h.order_id), 'loaded_at', h.loaded_at FROM fact_orders_history AS h
  UNION ALL
  SELECT DISTINCT CONCAT('lines of order ', h.order_id), 'removed_at', h.removed_at FROM fact_orders_history AS h
  UNION ALL
  SELECT CONCAT('version of order ', h.order_id), 'valid_from', h.valid_from FROM order_history AS h
  UNION ALL
  SELECT CONCAT('version of order ', h.order_id), 'valid_to', h.valid_to FROM order_history AS h
  UNION ALL
  SELECT CONCAT('product ', d.product_id), 'updated_at', d.updated_at FROM dim_products AS d
  UNION ALL
  SELECT CONCAT('customer ', d.customer_id), 'updated_at', d.updated_at FROM dim_customers AS d
)

SELECT CONCAT(w.what, ': ', w.name, ' is ', CAST(w.moment AS STRING), ', when nothing was loaded') AS detail
FROM written AS w
LEFT JOIN transactions AS t ON t.moment = w.moment
WHERE t.moment IS NULL;
