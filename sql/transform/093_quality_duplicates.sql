-- Grain: one finding per order record that repeats an order_id. A conflict keeps what was refused,
-- since staging expires; its amounts are text, because a number in JSON may be rounded.
-- Run by the aggregator in its transaction; the ids are derived from what was found.
-- @param now TIMESTAMP
INSERT INTO data_quality_checks (
  check_id, check_timestamp, check_type, severity, file_id, record_index, order_id, issue_description, refused_content
)
WITH repeated AS (
  SELECT
    c.file_id,
    c.parse_id,
    c.record_index,
    c.order_id,
    c.outcome = 'conflict' AS is_conflict,
    CONCAT(
      'record ', CAST(c.owner_record_index AS STRING), ' of ', COALESCE(f.landing_name, l.landing_name, 'a file'),
      ' (file ', c.owner_file_id, ')'
    ) AS owner
  FROM order_claims AS c
  LEFT JOIN batch_files AS f ON f.file_id = c.owner_file_id
  LEFT JOIN file_ledger AS l ON l.file_id = c.owner_file_id
  WHERE c.outcome IN ('replay', 'conflict')
),

refused AS (
  SELECT
    r.parse_id,
    r.record_index,
    TO_JSON(STRUCT(
      o.order_id,
      o.customer_id,
      FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', o.order_timestamp) AS order_timestamp,
      ARRAY(
        SELECT AS STRUCT i.product_id, i.quantity, CAST(i.unit_price AS STRING) AS unit_price
        FROM UNNEST(o.items) AS i WITH OFFSET AS position
        ORDER BY position
      ) AS items,
      CAST(o.total_amount AS STRING) AS total_amount,
      o.payment_status,
      o.shipping_address,
      o.unknown_fields
    )) AS content
  FROM repeated AS r
  JOIN batch_orders AS o ON o.parse_id = r.parse_id AND o.record_index = r.record_index
  WHERE r.is_conflict
)

SELECT
  TO_HEX(MD5(CONCAT(r.parse_id, '/', CAST(r.record_index AS STRING), '/duplicate_order'))),
  @now,
  IF(r.is_conflict, 'duplicate_order_conflict', 'duplicate_order_replay'),
  IF(r.is_conflict, 'error', 'info'),
  r.file_id,
  r.record_index,
  r.order_id,
  IF(
    r.is_conflict,
    CONCAT('same order_id with other content as ', r.owner, ', which stands; the content refused is in refused_content'),
    CONCAT('same order as ', r.owner)
  ),
  c.content
FROM repeated AS r
LEFT JOIN refused AS c ON c.parse_id = r.parse_id AND c.record_index = r.record_index;
