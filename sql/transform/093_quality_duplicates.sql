-- Grain: one finding per order record that repeats an order_id or replaces its version. A conflict keeps what was refused,
-- since staging expires; its amounts are text, because a number in JSON may be rounded.
-- Run by the aggregator in its transaction; the ids are derived from what was found.
INSERT INTO batch_findings (
  check_id, check_type, severity, file_id, parse_id, record_index, order_id, issue_description, refused_content
)
WITH repeated AS (
  SELECT
    c.file_id,
    c.parse_id,
    c.record_index,
    c.order_id,
    c.outcome = 'conflict' AS is_conflict,
    CASE c.outcome
      WHEN 'conflict' THEN 'duplicate_order_conflict'
      WHEN 'replay' THEN 'duplicate_order_replay'
      WHEN 'stale' THEN 'order_version_stale'
      ELSE 'order_updated'
    END AS rule,
    CONCAT(
      'record ', CAST(c.owner_record_index AS STRING), ' of ', COALESCE(f.landing_name, l.landing_name, 'a file'),
      ' (file ', c.owner_file_id, ')'
    ) AS owner
  FROM order_claims AS c
  LEFT JOIN batch_files AS f ON f.file_id = c.owner_file_id
  LEFT JOIN file_ledger AS l ON l.file_id = c.owner_file_id
  WHERE c.outcome IN ('replay', 'conflict') OR c.verdict = 'loaded' AND (c.outcome = 'stale' OR c.outcome = 'loaded' AND c.is_update)
),

refused AS (
  SELECT
    r.parse_id,
    r.record_index,
    TO_JSON(STRUCT(
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
      o.shipping_address,
      o.unknown_fields
    )) AS content
  FROM repeated AS r
  JOIN batch_orders AS o ON o.parse_id = r.parse_id AND o.record_index = r.record_index
  WHERE r.is_conflict
)

SELECT
  TO_HEX(MD5(CONCAT(r.parse_id, '/', CAST(r.record_index AS STRING), '/duplicate_order'))),
  r.rule,
  IF(r.is_conflict, 'error', 'info'),
  r.file_id,
  r.parse_id,
  r.record_index,
  r.order_id,
  CASE r.rule
    WHEN 'duplicate_order_conflict'
      THEN CONCAT('same order_id with other content as ', r.owner, ', which stands; the content refused is in refused_content')
    WHEN 'order_version_stale' THEN CONCAT('earlier version of the order than ', r.owner, '; it is kept in order_history')
    WHEN 'order_updated' THEN CONCAT('later version of the order than ', r.owner, ', which is kept in order_history')
    ELSE CONCAT('same order as ', r.owner)
  END,
  c.content
FROM repeated AS r
LEFT JOIN refused AS c ON c.parse_id = r.parse_id AND c.record_index = r.record_index;
