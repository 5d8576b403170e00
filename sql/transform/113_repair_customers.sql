-- Gives the facts that waited for a customer their tier, none for a customer without one.
-- Run by the aggregator in its transaction; a repaired fact is not touched again.
-- @when repairs
-- @param repair_dates ARRAY<DATE>
UPDATE fact_orders AS f
SET customer_tier = COALESCE(c.customer_tier, 'none')
FROM dim_customers AS c
WHERE
  f.order_date IN UNNEST(@repair_dates)
  AND f.customer_tier = 'unknown'
  AND f.customer_id = c.customer_id
  AND f.customer_id IN (SELECT r.ref_id FROM resolved_refs AS r WHERE r.ref_kind = 'customer');
