-- Grain: one row per order whose version in the facts a record of the batch replaces: that version.
-- Run by the aggregator in its transaction, before its facts are removed.
-- @when replacing
-- @param now TIMESTAMP
-- @param replaced_dates ARRAY<DATE>
INSERT INTO order_history (
  order_id, order_date, content_hash, updated_at, valid_from, valid_to, outcome, is_update,
  file_id, record_index, lines, landed_at, content, utc_offset_seconds
)
SELECT
  s.order_id,
  ANY_VALUE(f.order_date),
  ANY_VALUE(s.content_hash),
  ANY_VALUE(s.updated_at),
  ANY_VALUE(f.loaded_at),
  @now,
  'superseded',
  ANY_VALUE(s.is_update),
  s.file_id,
  s.record_index,
  COUNT(*),
  ANY_VALUE(s.landed_at),
  TO_JSON(STRUCT(
    s.order_id AS order_id,
    ANY_VALUE(f.customer_id) AS customer_id,
    FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', ANY_VALUE(f.order_timestamp)) AS order_timestamp,
    FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', ANY_VALUE(s.updated_at)) AS updated_at,
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
  )),
  ANY_VALUE(f.utc_offset_seconds)
FROM superseded_orders AS s
JOIN fact_orders AS f ON f.order_id = s.order_id AND f.file_id = s.file_id
WHERE f.order_date IN UNNEST(@replaced_dates)
GROUP BY s.order_id, s.file_id, s.record_index;
