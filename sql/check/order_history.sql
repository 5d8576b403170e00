-- Grain: one row per version in the history, as the model has it, of the orders whose id's hash begins
-- with part. Reads the whole table.
-- Run by bench, drill and tests, to compare with the model.
-- @param part STRING
SELECT
  h.file_id, h.record_index, h.order_id, h.outcome, COALESCE(h.is_update, FALSE) AS is_update, h.lines, h.updated_at, h.order_date,
  CAST(JSON_VALUE(h.content, '$.order_timestamp') AS TIMESTAMP) AS order_timestamp,
  JSON_VALUE(h.content, '$.customer_id') AS customer_id,
  CAST(JSON_VALUE(h.content, '$.total_amount') AS NUMERIC) AS total_amount,
  CAST(JSON_VALUE(h.content, '$.refunded_amount') AS NUMERIC) AS refunded_amount,
  JSON_VALUE(h.content, '$.payment_status') AS payment_status
FROM order_history AS h
WHERE STARTS_WITH(TO_HEX(MD5(h.order_id)), @part);
