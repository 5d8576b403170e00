-- Grain: one row per day on which earlier readings of the given files have facts or versions in the
-- history, or on which other files have versions of the same orders (order), and per day on which those readings were loaded and their findings written (finding).
-- Run by the aggregator before a transaction with files that were brought back; it reads two
-- columns of order_keys and of order_history between the given days.
-- @param file_ids ARRAY<STRING>
-- @param from_date DATE
-- @param to_date DATE
WITH owned AS (
  SELECT k.order_id, k.order_date
  FROM order_keys AS k
  WHERE k.order_date BETWEEN @from_date AND @to_date AND k.file_id IN UNNEST(@file_ids)
),

involved AS (
  SELECT o.order_date
  FROM owned AS o
  UNION ALL
  SELECT h.order_date
  FROM order_history AS h
  LEFT JOIN owned AS o ON o.order_id = h.order_id
  WHERE h.order_date BETWEEN @from_date AND @to_date AND (h.file_id IN UNNEST(@file_ids) OR o.order_id IS NOT NULL)
)

SELECT DISTINCT 'order' AS what, i.order_date AS day
FROM involved AS i
UNION ALL
SELECT DISTINCT 'finding' AS what, DATE(l.loaded_at) AS day
FROM file_ledger AS l
WHERE l.file_id IN UNNEST(@file_ids);
