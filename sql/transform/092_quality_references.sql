-- Grain: one finding per loaded order and customer or product that no catalog has named yet.
-- Run by the aggregator in its transaction; the ids are derived from what was found.
-- @param now TIMESTAMP
INSERT INTO data_quality_checks (check_id, check_timestamp, check_type, severity, file_id, record_index, order_id, issue_description)
WITH missing AS (
  SELECT o.file_id, o.parse_id, o.record_index, o.order_id, 'missing_customer' AS rule, 'customer' AS what, o.customer_id AS ref_id
  FROM loaded_orders AS o
  WHERE NOT o.customer_known
  UNION ALL
  SELECT u.file_id, u.parse_id, u.record_index, u.order_id, 'missing_product' AS rule, 'product' AS what, u.product_id AS ref_id
  FROM unknown_products AS u
)

SELECT
  TO_HEX(MD5(CONCAT(m.parse_id, '/', CAST(m.record_index AS STRING), '/', m.rule, '/', m.ref_id))),
  @now,
  m.rule,
  'warning',
  m.file_id,
  m.record_index,
  m.order_id,
  CONCAT('no ', m.what, 's file has named ', m.what, ' ', m.ref_id, ' yet')
FROM missing AS m;
