-- Grain: one row per day on which earlier readings of the given files have facts (order), and per
-- day on which those readings were loaded and their findings written (finding).
-- Run by the aggregator before a transaction with files that were brought back; it reads two
-- columns of order_keys between the given days.
-- @param file_ids ARRAY<STRING>
-- @param from_date DATE
-- @param to_date DATE
SELECT DISTINCT 'order' AS what, k.order_date AS day
FROM order_keys AS k
WHERE k.order_date BETWEEN @from_date AND @to_date AND k.file_id IN UNNEST(@file_ids)
UNION ALL
SELECT DISTINCT 'finding' AS what, DATE(l.loaded_at) AS day
FROM file_ledger AS l
WHERE l.file_id IN UNNEST(@file_ids);
