-- Grain: one row per version in the history and column of it that is not what staging holds of its
-- record. Of records that staging no longer holds nothing can be said.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH staged AS (
  SELECT
    s.file_id,
    s.record_index,
    s.content_hash,
    CAST(s.total_amount AS STRING) AS total_amount,
    s.currency,
    s.payment_status,
    s.customer_id,
    FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', s.order_timestamp) AS order_timestamp,
    CAST(s.refunded_amount AS STRING) AS refunded_amount,
    CAST(s.tax_amount AS STRING) AS tax_amount,
    CAST(s.tax_included AS STRING) AS tax_included,
    CAST(s.shipping_amount AS STRING) AS shipping_amount,
    CAST(s.discount_amount AS STRING) AS discount_amount,
    s.payment_status_text,
    s.shipping_address.street AS street,
    s.shipping_address.city AS city,
    s.shipping_address.state AS state,
    s.shipping_address.zipcode AS zipcode,
    s.shipping_address.country AS country,
    ARRAY_TO_STRING(
      ARRAY(
        SELECT CONCAT(
          COALESCE(i.product_id, ''), ' ', CAST(i.quantity AS STRING), ' ', CAST(i.unit_price AS STRING), ' ',
          COALESCE(CAST(i.discount_amount AS STRING), '')
        )
        FROM UNNEST(s.items) AS i WITH OFFSET AS position
        ORDER BY position
      ),
      ', '
    ) AS items
  FROM staging_orders AS s
  JOIN (SELECT DISTINCT h.file_id, h.record_index FROM order_history AS h) AS h
    ON h.file_id = s.file_id AND h.record_index = s.record_index
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY s.file_id, s.record_index, s.content_hash ORDER BY s.parse_id) = 1
),

kept AS (
  SELECT
    h.order_id,
    h.file_id,
    h.record_index,
    h.content_hash,
    JSON_VALUE(h.content, '$.total_amount') AS total_amount,
    JSON_VALUE(h.content, '$.currency') AS currency,
    JSON_VALUE(h.content, '$.payment_status') AS payment_status,
    JSON_VALUE(h.content, '$.customer_id') AS customer_id,
    JSON_VALUE(h.content, '$.order_timestamp') AS order_timestamp,
    JSON_VALUE(h.content, '$.refunded_amount') AS refunded_amount,
    JSON_VALUE(h.content, '$.tax_amount') AS tax_amount,
    JSON_VALUE(h.content, '$.tax_included') AS tax_included,
    JSON_VALUE(h.content, '$.shipping_amount') AS shipping_amount,
    JSON_VALUE(h.content, '$.discount_amount') AS discount_amount,
    JSON_VALUE(h.content, '$.payment_status_text') AS payment_status_text,
    JSON_VALUE(h.content, '$.shipping_address.street') AS street,
    JSON_VALUE(h.content, '$.shipping_address.city') AS city,
    JSON_VALUE(h.content, '$.shipping_address.state') AS state,
    JSON_VALUE(h.content, '$.shipping_address.zipcode') AS zipcode,
    JSON_VALUE(h.content, '$.shipping_address.country') AS country,
    ARRAY_TO_STRING(
      ARRAY(
        SELECT CONCAT(
          COALESCE(JSON_VALUE(i, '$.product_id'), ''), ' ', JSON_VALUE(i, '$.quantity'), ' ', JSON_VALUE(i, '$.unit_price'), ' ',
          COALESCE(JSON_VALUE(i, '$.discount_amount'), '')
        )
        FROM UNNEST(JSON_QUERY_ARRAY(h.content, '$.items')) AS i WITH OFFSET AS position
        ORDER BY position
      ),
      ', '
    ) AS items
  FROM order_history AS h
)

SELECT
  CONCAT('order ', k.order_id, ', version of record ', CAST(k.record_index AS STRING), ' of file ', k.file_id, ': ', IF(
    s.content_hash IS NULL,
    CONCAT('content_hash is ', k.content_hash, ', which staging does not have'),
    CONCAT(c.name, ' is ', COALESCE(c.stored, 'NULL'), ', staging has ', COALESCE(c.want, 'NULL'))
  )) AS detail
FROM kept AS k
JOIN (SELECT DISTINCT r.file_id, r.record_index FROM staged AS r) AS records
  ON records.file_id = k.file_id AND records.record_index = k.record_index
LEFT JOIN staged AS s ON s.file_id = k.file_id AND s.record_index = k.record_index AND s.content_hash = k.content_hash
CROSS JOIN UNNEST([
  STRUCT('total_amount' AS name, k.total_amount AS stored, s.total_amount AS want),
  ('currency', k.currency, s.currency),
  ('payment_status', k.payment_status, s.payment_status),
  ('payment_status_text', k.payment_status_text, s.payment_status_text),
  ('customer_id', k.customer_id, s.customer_id),
  ('order_timestamp', k.order_timestamp, s.order_timestamp),
  ('refunded_amount', k.refunded_amount, s.refunded_amount),
  ('tax_amount', k.tax_amount, s.tax_amount),
  ('tax_included', k.tax_included, s.tax_included),
  ('shipping_amount', k.shipping_amount, s.shipping_amount),
  ('discount_amount', k.discount_amount, s.discount_amount),
  ('street', k.street, s.street),
  ('city', k.city, s.city),
  ('state', k.state, s.state),
  ('zipcode', k.zipcode, s.zipcode),
  ('country', k.country, s.country),
  ('items', k.items, s.items)
]) AS c
WHERE IF(s.content_hash IS NULL, c.name = 'total_amount', c.stored IS DISTINCT FROM c.want);
