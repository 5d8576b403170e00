-- Grain: one row per order that this batch loads, enriched with what does not depend on its lines.
-- Run by the aggregator in its transaction, after the dimensions are merged.
CREATE TEMP TABLE loaded_orders AS
SELECT
  o.order_id,
  o.customer_id,
  COALESCE(c.customer_tier, 'unknown') AS customer_tier,
  o.order_timestamp,
  o.order_date,
  EXTRACT(HOUR FROM o.order_timestamp) AS order_hour,
  o.items,
  o.total_amount,
  o.payment_status,
  o.shipping_address.street,
  o.shipping_address.city,
  o.shipping_address.state,
  o.shipping_address.zipcode,
  o.shipping_address.country,
  COALESCE(r.region, NULLIF(TRIM(o.shipping_address.country), ''), 'unknown') AS region,
  o.file_id,
  o.parse_id,
  o.record_index,
  c.customer_id IS NOT NULL AS customer_known
FROM batch_orders AS o
JOIN order_claims AS k ON k.parse_id = o.parse_id AND k.record_index = o.record_index
LEFT JOIN dim_customers AS c ON c.customer_id = o.customer_id
LEFT JOIN ref_regions AS r
  ON r.state = UPPER(TRIM(o.shipping_address.state))
  AND UPPER(TRIM(o.shipping_address.country)) IN ('US', 'USA', 'UNITED STATES', 'UNITED STATES OF AMERICA')
WHERE k.outcome = 'loaded';
