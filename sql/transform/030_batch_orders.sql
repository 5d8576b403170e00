-- Grain: one row per order record of the batch, however often its row was appended.
-- Run by the aggregator in its transaction.
-- @when orders
-- @param landed_dates ARRAY<DATE>
CREATE TEMP TABLE batch_orders AS
SELECT
  o.file_id,
  o.parse_id,
  o.record_index,
  o.landed_at,
  f.verdict,
  o.order_id,
  o.content_hash,
  o.customer_id,
  o.order_timestamp,
  o.utc_offset_seconds,
  DATE(TIMESTAMP_ADD(o.order_timestamp, INTERVAL COALESCE(o.utc_offset_seconds, 0) SECOND)) AS order_date,
  o.updated_at,
  o.items,
  o.total_amount,
  o.currency,
  o.tax_amount,
  o.tax_included,
  o.shipping_amount,
  o.discount_amount,
  o.refunded_amount,
  o.payment_status,
  COALESCE(o.payment_status_text, o.payment_status) AS payment_status_text, -- NULL in rows of an earlier release
  o.shipping_address,
  o.unknown_fields,
  o.warnings
FROM staging_orders AS o
JOIN batch_files AS f ON f.file_id = o.file_id AND f.parse_id = o.parse_id
WHERE o.landed_date IN UNNEST(@landed_dates)
QUALIFY ROW_NUMBER() OVER (PARTITION BY o.parse_id, o.record_index ORDER BY o.content_hash) = 1;
