-- The members of an order o of staging as JSON, amounts as exact text: the form that order_content has.
o.order_id,
o.customer_id,
FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', o.order_timestamp) AS order_timestamp,
FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', o.updated_at) AS updated_at,
ARRAY(
  SELECT AS STRUCT
    i.product_id,
    i.quantity,
    CAST(i.unit_price AS STRING) AS unit_price,
    CAST(i.discount_amount AS STRING) AS discount_amount
  FROM UNNEST(o.items) AS i WITH OFFSET AS position
  ORDER BY position
) AS items,
CAST(o.total_amount AS STRING) AS total_amount,
o.currency,
CAST(o.tax_amount AS STRING) AS tax_amount,
o.tax_included,
CAST(o.shipping_amount AS STRING) AS shipping_amount,
CAST(o.discount_amount AS STRING) AS discount_amount,
CAST(o.refunded_amount AS STRING) AS refunded_amount,
o.payment_status,
o.payment_status_text,
o.shipping_address
