-- Grain: one row per record of the batch that is not in staging: refused by a rule, or
-- given up by a service. A record that stands in staging as well counts as staged.
-- Run by the aggregator in its transaction.
-- @when refused
-- @param landed_dates ARRAY<DATE>
-- @param dead_letter_dates ARRAY<DATE>
CREATE TEMP TABLE batch_refused AS
WITH refused AS (
  SELECT r.file_id, r.parse_id, r.record_index, r.rule, r.field_path, r.message
  FROM rejected_records AS r
  JOIN batch_files AS f ON f.file_id = r.file_id AND f.parse_id = r.parse_id
  WHERE r.landed_date IN UNNEST(@landed_dates)
  UNION ALL
  SELECT d.file_id, d.parse_id, d.record_index, 'dead_lettered' AS rule, CAST(NULL AS STRING) AS field_path, d.error AS message
  FROM dead_letters AS d
  JOIN batch_files AS f ON f.file_id = d.file_id AND f.parse_id = d.parse_id
  WHERE d.dead_lettered_date IN UNNEST(@dead_letter_dates) AND d.record_index IS NOT NULL
)

SELECT r.*
FROM refused AS r
-- @if orders
LEFT JOIN batch_orders AS o ON o.parse_id = r.parse_id AND o.record_index = r.record_index
-- @end
-- @if products
LEFT JOIN batch_products AS p ON p.parse_id = r.parse_id AND p.record_index = r.record_index
-- @end
-- @if customers
LEFT JOIN batch_customers AS c ON c.parse_id = r.parse_id AND c.record_index = r.record_index
-- @end
WHERE
  -- @if orders
  o.parse_id IS NULL AND
  -- @end
  -- @if products
  p.parse_id IS NULL AND
  -- @end
  -- @if customers
  c.parse_id IS NULL AND
  -- @end
  TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY r.parse_id, r.record_index ORDER BY r.rule) = 1;
