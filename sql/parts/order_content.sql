-- The whole order out of its lines f of the facts, amounts as exact text: how order_history keeps a version.
TO_JSON(STRUCT(
  f.order_id,
  ANY_VALUE(f.customer_id) AS customer_id,
  FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', ANY_VALUE(f.order_timestamp)) AS order_timestamp,
  FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', ANY_VALUE(f.updated_at)) AS updated_at,
  ARRAY_AGG(
    STRUCT(
      f.product_id AS product_id,
      f.quantity AS quantity,
      CAST(f.unit_price AS STRING) AS unit_price,
      CAST(f.line_discount_amount AS STRING) AS discount_amount
    )
    ORDER BY f.line_number
  ) AS items,
  CAST(ANY_VALUE(f.total_amount) AS STRING) AS total_amount,
  ANY_VALUE(f.currency) AS currency,
  CAST(ANY_VALUE(f.tax_amount) AS STRING) AS tax_amount,
  ANY_VALUE(f.tax_included) AS tax_included,
  CAST(ANY_VALUE(f.shipping_amount) AS STRING) AS shipping_amount,
  CAST(ANY_VALUE(f.discount_amount) AS STRING) AS discount_amount,
  CAST(ANY_VALUE(f.refunded_amount) AS STRING) AS refunded_amount,
  ANY_VALUE(f.payment_status) AS payment_status,
  ANY_VALUE(f.payment_status_text) AS payment_status_text,
  IF(
    ANY_VALUE(f.region) = 'none',
    NULL,
    STRUCT(
      ANY_VALUE(f.street) AS street,
      ANY_VALUE(f.city) AS city,
      ANY_VALUE(f.state) AS state,
      ANY_VALUE(f.zipcode) AS zipcode,
      ANY_VALUE(f.country) AS country
    )
  ) AS shipping_address
)) AS content
