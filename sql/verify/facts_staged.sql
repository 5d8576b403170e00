-- Grain: one row per order line and column of the facts that is not what staging holds of its record, and per
-- line that its record does not have. Columns that catalogs fill are not looked at: fact_customers and
-- fact_products do that. Of files that staging no longer holds nothing can be said.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
-- Of the rows of a record, which stand twice when a message came twice, any of the first hash will do.
WITH spoken AS (
  SELECT s.parse_id, s.record_index, MIN(s.content_hash) AS content_hash
  FROM staging_orders AS s
  GROUP BY s.parse_id, s.record_index
),

staged_orders AS (
  SELECT s.*
  FROM staging_orders AS s
  JOIN spoken AS r ON r.parse_id = s.parse_id AND r.record_index = s.record_index AND r.content_hash = s.content_hash
),

staged AS (
  SELECT o.* EXCEPT (items), position + 1 AS line_number, item.product_id, item.quantity, item.unit_price, item.discount_amount AS line_discount_amount
  FROM staged_orders AS o
  CROSS JOIN UNNEST(o.items) AS item WITH OFFSET AS position
),

files AS (
  SELECT l.file_id, l.parse_id, l.landing_name
  FROM file_ledger AS l
  WHERE l.verdict = 'loaded' AND l.parse_id IN (SELECT s.parse_id FROM spoken AS s)
),

compared AS (
  SELECT
    f.order_id,
    f.line_number,
    CONCAT(n.landing_name, ' record ', CAST(f.record_index AS STRING)) AS source,
    s.line_number IS NULL AS is_unknown,
    [
      STRUCT('order_id' AS name, f.order_id AS stored, s.order_id AS want),
      ('customer_id', f.customer_id, s.customer_id),
      ('order_timestamp', CAST(f.order_timestamp AS STRING), CAST(s.order_timestamp AS STRING)),
      ('utc_offset_seconds', CAST(f.utc_offset_seconds AS STRING), CAST(s.utc_offset_seconds AS STRING)),
      ('product_id', f.product_id, s.product_id),
      ('quantity', CAST(f.quantity AS STRING), CAST(s.quantity AS STRING)),
      ('unit_price', CAST(f.unit_price AS STRING), CAST(s.unit_price AS STRING)),
      ('line_discount_amount', CAST(f.line_discount_amount AS STRING), CAST(s.line_discount_amount AS STRING)),
      ('total_amount', CAST(f.total_amount AS STRING), CAST(s.total_amount AS STRING)),
      -- Facts of a release that did not keep the currency have none.
      ('currency', COALESCE(f.currency, s.currency), s.currency),
      ('tax_amount', CAST(f.tax_amount AS STRING), CAST(s.tax_amount AS STRING)),
      ('tax_included', CAST(f.tax_included AS STRING), CAST(s.tax_included AS STRING)),
      ('shipping_amount', CAST(f.shipping_amount AS STRING), CAST(s.shipping_amount AS STRING)),
      ('discount_amount', CAST(f.discount_amount AS STRING), CAST(s.discount_amount AS STRING)),
      ('refunded_amount', CAST(f.refunded_amount AS STRING), CAST(s.refunded_amount AS STRING)),
      ('payment_status', f.payment_status, s.payment_status),
      ('payment_status_text', f.payment_status_text, COALESCE(s.payment_status_text, s.payment_status)),
      ('street', f.street, NULLIF(s.shipping_address.street, '')),
      ('city', f.city, NULLIF(s.shipping_address.city, '')),
      ('state', f.state, NULLIF(s.shipping_address.state, '')),
      ('zipcode', f.zipcode, NULLIF(s.shipping_address.zipcode, '')),
      ('country', f.country, NULLIF(s.shipping_address.country, '')),
      ('updated_at', CAST(f.updated_at AS STRING), CAST(s.updated_at AS STRING))
    ] AS pairs
  FROM fact_orders AS f
  JOIN files AS n ON n.file_id = f.file_id
  LEFT JOIN staged AS s ON s.parse_id = n.parse_id AND s.record_index = f.record_index AND s.line_number = f.line_number
  WHERE
    s.line_number IS NULL
    OR f.order_id != s.order_id
    OR f.customer_id IS DISTINCT FROM s.customer_id
    OR f.order_timestamp != s.order_timestamp
    OR f.utc_offset_seconds IS DISTINCT FROM s.utc_offset_seconds
    OR f.product_id IS DISTINCT FROM s.product_id
    OR f.quantity != s.quantity
    OR f.unit_price != s.unit_price
    OR f.line_discount_amount IS DISTINCT FROM s.line_discount_amount
    OR f.total_amount != s.total_amount
    OR f.currency != s.currency
    OR f.tax_amount IS DISTINCT FROM s.tax_amount
    OR f.tax_included IS DISTINCT FROM s.tax_included
    OR f.shipping_amount IS DISTINCT FROM s.shipping_amount
    OR f.discount_amount IS DISTINCT FROM s.discount_amount
    OR f.refunded_amount IS DISTINCT FROM s.refunded_amount
    OR f.payment_status != s.payment_status
    OR f.payment_status_text IS DISTINCT FROM COALESCE(s.payment_status_text, s.payment_status)
    OR f.street IS DISTINCT FROM NULLIF(s.shipping_address.street, '')
    OR f.city IS DISTINCT FROM NULLIF(s.shipping_address.city, '')
    OR f.state IS DISTINCT FROM NULLIF(s.shipping_address.state, '')
    OR f.zipcode IS DISTINCT FROM NULLIF(s.shipping_address.zipcode, '')
    OR f.country IS DISTINCT FROM NULLIF(s.shipping_address.country, '')
    OR f.updated_at IS DISTINCT FROM s.updated_at
)

SELECT DISTINCT
  CONCAT('order ', c.order_id, ' line ', CAST(c.line_number AS STRING), ': ', IF(
    c.is_unknown,
    CONCAT(c.source, ' has no such line'),
    CONCAT(d.name, ' is ', COALESCE(d.stored, 'NULL'), ', ', c.source, ' has ', COALESCE(d.want, 'NULL'))
  )) AS detail
FROM compared AS c
CROSS JOIN UNNEST(c.pairs) AS d
WHERE IF(c.is_unknown, d.name = 'order_id', d.stored IS DISTINCT FROM d.want);
