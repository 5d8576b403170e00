-- Grain: one row per version in the batch that does not count: a later one of the batch has replaced
-- it (superseded), or a later one was known before (stale).
-- Run by the aggregator in its transaction.
-- @when versions
-- @param now TIMESTAMP
INSERT INTO order_history (
  order_id, order_date, content_hash, updated_at, valid_from, valid_to, outcome, is_update,
  file_id, record_index, lines, landed_at, content, utc_offset_seconds
)
SELECT
  c.order_id,
  c.order_date,
  c.content_hash,
  c.updated_at,
  COALESCE(c.valid_from, @now),
  COALESCE(c.valid_to, @now),
  IF(c.outcome = 'loaded', 'superseded', 'stale'),
  c.is_update,
  c.file_id,
  c.record_index,
  c.lines,
  c.landed_at,
  TO_JSON(STRUCT(
    o.order_id AS order_id,
    o.customer_id AS customer_id,
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
    o.currency AS currency,
    CAST(o.tax_amount AS STRING) AS tax_amount,
    o.tax_included AS tax_included,
    CAST(o.shipping_amount AS STRING) AS shipping_amount,
    CAST(o.discount_amount AS STRING) AS discount_amount,
    CAST(o.refunded_amount AS STRING) AS refunded_amount,
    o.payment_status AS payment_status,
    o.payment_status_text AS payment_status_text,
    o.shipping_address AS shipping_address
  )),
  o.utc_offset_seconds
FROM order_claims AS c
JOIN batch_orders AS o ON o.parse_id = c.parse_id AND o.record_index = c.record_index
WHERE c.verdict = 'loaded' AND (c.outcome = 'stale' OR c.outcome = 'loaded' AND NOT c.is_current);
