-- Grain: one row per version that counts again, as the history has kept it, beside the batch's orders.
-- Run by the aggregator in its transaction.
-- @when orders_again
INSERT INTO batch_orders (
  file_id, parse_id, record_index, landed_at, verdict, order_id, content_hash, customer_id, order_timestamp, order_date,
  utc_offset_seconds,
  updated_at, items, total_amount, currency, tax_amount, tax_included, shipping_amount, discount_amount, refunded_amount,
  payment_status, payment_status_text, shipping_address
)
SELECT
  h.file_id,
  c.parse_id,
  h.record_index,
  h.landed_at,
  c.verdict,
  h.order_id,
  h.content_hash,
  JSON_VALUE(h.content, '$.customer_id'),
  CAST(JSON_VALUE(h.content, '$.order_timestamp') AS TIMESTAMP),
  h.order_date,
  h.utc_offset_seconds,
  h.updated_at,
  ARRAY(
    SELECT AS STRUCT
      JSON_VALUE(item, '$.product_id') AS product_id,
      CAST(JSON_VALUE(item, '$.quantity') AS INT64) AS quantity,
      CAST(JSON_VALUE(item, '$.unit_price') AS NUMERIC) AS unit_price,
      CAST(JSON_VALUE(item, '$.discount_amount') AS NUMERIC) AS discount_amount
    FROM UNNEST(JSON_QUERY_ARRAY(h.content, '$.items')) AS item WITH OFFSET AS position
    ORDER BY position
  ),
  CAST(JSON_VALUE(h.content, '$.total_amount') AS NUMERIC),
  JSON_VALUE(h.content, '$.currency'),
  CAST(JSON_VALUE(h.content, '$.tax_amount') AS NUMERIC),
  CAST(JSON_VALUE(h.content, '$.tax_included') AS BOOL),
  CAST(JSON_VALUE(h.content, '$.shipping_amount') AS NUMERIC),
  CAST(JSON_VALUE(h.content, '$.discount_amount') AS NUMERIC),
  CAST(JSON_VALUE(h.content, '$.refunded_amount') AS NUMERIC),
  JSON_VALUE(h.content, '$.payment_status'),
  JSON_VALUE(h.content, '$.payment_status_text'),
  STRUCT(
    JSON_VALUE(h.content, '$.shipping_address.street') AS street,
    JSON_VALUE(h.content, '$.shipping_address.city') AS city,
    JSON_VALUE(h.content, '$.shipping_address.state') AS state,
    JSON_VALUE(h.content, '$.shipping_address.zipcode') AS zipcode,
    JSON_VALUE(h.content, '$.shipping_address.country') AS country
  )
FROM restorable_versions AS h
JOIN order_claims AS c ON c.file_id = h.file_id AND c.record_index = h.record_index
WHERE c.outcome = 'restored';
