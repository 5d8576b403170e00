-- All versions of each order, the one that counts (current) and those in order_history, with the
-- whole order in one form; amounts as exact text. What the facts showed at a moment is
--   WHERE valid_from <= moment AND (valid_to IS NULL OR valid_to > moment)
CREATE VIEW v_order_versions AS
WITH current_orders AS (
  SELECT
    f.order_id,
    f.order_date,
    ANY_VALUE(f.updated_at) AS updated_at,
    ANY_VALUE(f.loaded_at) AS valid_from,
    f.file_id,
    f.record_index,
    COUNT(*) AS lines,
    TO_JSON(STRUCT(
      f.order_id AS order_id,
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
    )) AS content,
    ANY_VALUE(f.utc_offset_seconds) AS utc_offset_seconds
  FROM fact_orders AS f
  GROUP BY f.order_id, f.order_date, f.file_id, f.record_index
)

SELECT
  c.order_id, c.order_date, c.updated_at, c.valid_from, CAST(NULL AS TIMESTAMP) AS valid_to,
  'current' AS outcome, TRUE AS is_current, c.file_id, c.record_index, c.lines, c.content,
  c.utc_offset_seconds
FROM current_orders AS c
UNION ALL
SELECT
  h.order_id, h.order_date, h.updated_at, h.valid_from, h.valid_to,
  h.outcome, FALSE AS is_current, h.file_id, h.record_index, h.lines, h.content,
  h.utc_offset_seconds
FROM order_history AS h;
