-- Grain: one finding per loaded order and customer or product that no catalog has named yet, and per
-- loaded order whose state or country nothing is known by.
-- Run by the aggregator in its transaction; the ids are derived from what was found.
INSERT INTO batch_findings (check_id, check_type, severity, file_id, parse_id, record_index, order_id, issue_description, ref_id)
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
  m.rule,
  'warning',
  m.file_id,
  m.parse_id,
  m.record_index,
  m.order_id,
  CONCAT('no ', m.what, 's file has named ', m.what, ' ', m.ref_id, ' yet'),
  m.ref_id
FROM missing AS m
JOIN batch_files AS f ON f.parse_id = m.parse_id
UNION ALL
SELECT
  TO_HEX(MD5(CONCAT(o.parse_id, '/', CAST(o.record_index AS STRING), '/unknown_place'))),
  'unknown_place',
  'info',
  o.file_id,
  o.parse_id,
  o.record_index,
  o.order_id,
  CONCAT(
    'no place is known by the state ', COALESCE(TO_JSON_STRING(o.state), '(none)'),
    ' and the country ', COALESCE(TO_JSON_STRING(o.country), '(none)'), '; its region is ', o.region
  ),
  CAST(NULL AS STRING)
FROM loaded_orders AS o
JOIN batch_files AS f ON f.parse_id = o.parse_id
WHERE NOT o.place_known;
