-- Every order line of the facts and of the history, as the text of the columns of reference.Columns: the line's
-- own, and in the first line those of the order, which all its lines agree about (verify/fact_arithmetic).
order_lines AS (
  SELECT
    f.file_id,
    CONCAT(
      f.order_id, '\x1f',
      CAST(f.record_index AS STRING), '\x1f',
      CAST(f.line_number AS STRING), '\x1f',
      COALESCE(f.product_id, '\x1e'), '\x1f',
      COALESCE(CAST(f.quantity AS STRING), '\x1e'), '\x1f',
      COALESCE(CAST(f.unit_price AS STRING), '\x1e'), '\x1f',
      COALESCE(CAST(f.line_discount_amount AS STRING), '\x1e'),
      IF(
        f.line_number = 1,
        CONCAT(
          '\x1f', COALESCE(f.customer_id, '\x1e'),
          '\x1f', COALESCE(FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', f.order_timestamp), '\x1e'),
          '\x1f', COALESCE(CAST(COALESCE(f.utc_offset_seconds, 0) AS STRING), '\x1e'),
          '\x1f', COALESCE(CAST(f.total_amount AS STRING), '\x1e'),
          '\x1f', COALESCE(CAST(f.tax_amount AS STRING), '\x1e'),
          '\x1f', COALESCE(CAST(f.tax_included AS STRING), '\x1e'),
          '\x1f', COALESCE(CAST(f.shipping_amount AS STRING), '\x1e'),
          '\x1f', COALESCE(CAST(f.discount_amount AS STRING), '\x1e'),
          '\x1f', COALESCE(CAST(f.refunded_amount AS STRING), '\x1e'),
          '\x1f', COALESCE(f.payment_status, '\x1e'),
          '\x1f', COALESCE(f.payment_status_text, f.payment_status, '\x1e'),
          '\x1f', COALESCE(f.street, '\x1e'),
          '\x1f', COALESCE(f.city, '\x1e'),
          '\x1f', COALESCE(f.state, '\x1e'),
          '\x1f', COALESCE(f.zipcode, '\x1e'),
          '\x1f', COALESCE(f.country, '\x1e'),
          '\x1f', COALESCE(FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', f.updated_at), '\x1e')
        ),
        ''
      )
    ) AS line
  FROM fact_orders AS f
  UNION ALL
  SELECT
    h.file_id,
    CONCAT(
      h.order_id, '\x1f',
      CAST(h.record_index AS STRING), '\x1f',
      CAST(position + 1 AS STRING), '\x1f',
      COALESCE(JSON_VALUE(item, '$.product_id'), '\x1e'), '\x1f',
      COALESCE(JSON_VALUE(item, '$.quantity'), '\x1e'), '\x1f',
      COALESCE(JSON_VALUE(item, '$.unit_price'), '\x1e'), '\x1f',
      COALESCE(JSON_VALUE(item, '$.discount_amount'), '\x1e'),
      IF(
        position = 0,
        CONCAT(
          '\x1f', COALESCE(JSON_VALUE(h.content, '$.customer_id'), '\x1e'),
          '\x1f', COALESCE(JSON_VALUE(h.content, '$.order_timestamp'), '\x1e'),
          '\x1f', COALESCE(CAST(COALESCE(h.utc_offset_seconds, 0) AS STRING), '\x1e'),
          '\x1f', COALESCE(JSON_VALUE(h.content, '$.total_amount'), '\x1e'),
          '\x1f', COALESCE(JSON_VALUE(h.content, '$.tax_amount'), '\x1e'),
          '\x1f', COALESCE(JSON_VALUE(h.content, '$.tax_included'), '\x1e'),
          '\x1f', COALESCE(JSON_VALUE(h.content, '$.shipping_amount'), '\x1e'),
          '\x1f', COALESCE(JSON_VALUE(h.content, '$.discount_amount'), '\x1e'),
          '\x1f', COALESCE(JSON_VALUE(h.content, '$.refunded_amount'), '\x1e'),
          '\x1f', COALESCE(JSON_VALUE(h.content, '$.payment_status'), '\x1e'),
          '\x1f', COALESCE(JSON_VALUE(h.content, '$.payment_status_text'), JSON_VALUE(h.content, '$.payment_status'), '\x1e'),
          '\x1f', COALESCE(JSON_VALUE(h.content, '$.shipping_address.street'), '\x1e'),
          '\x1f', COALESCE(JSON_VALUE(h.content, '$.shipping_address.city'), '\x1e'),
          '\x1f', COALESCE(JSON_VALUE(h.content, '$.shipping_address.state'), '\x1e'),
          '\x1f', COALESCE(JSON_VALUE(h.content, '$.shipping_address.zipcode'), '\x1e'),
          '\x1f', COALESCE(JSON_VALUE(h.content, '$.shipping_address.country'), '\x1e'),
          '\x1f', COALESCE(JSON_VALUE(h.content, '$.updated_at'), '\x1e')
        ),
        ''
      )
    )
  FROM order_history AS h
  CROSS JOIN UNNEST(JSON_QUERY_ARRAY(h.content, '$.items')) AS item WITH OFFSET AS position
)
