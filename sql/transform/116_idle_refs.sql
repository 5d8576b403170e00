-- Grain: one row per day and reference that a replaced fact may have waited for and that no
-- fact of that day waits for any more.
-- Run by the aggregator in its transaction, after the new facts are inserted and repaired.
-- @when replacing
-- @param replaced_dates ARRAY<DATE>
CREATE TEMP TABLE idle_refs AS
WITH named AS (
  SELECT DISTINCT 'product' AS ref_kind, r.product_id AS ref_id, r.order_date
  FROM replaced_facts AS r
  WHERE r.product_id IS NOT NULL
  UNION ALL
  SELECT DISTINCT 'customer' AS ref_kind, r.customer_id AS ref_id, r.order_date
  FROM replaced_facts AS r
  WHERE r.customer_id IS NOT NULL
),

waiting AS (
  SELECT DISTINCT 'product' AS ref_kind, f.product_id AS ref_id, f.order_date
  FROM fact_orders AS f
  WHERE f.order_date IN UNNEST(@replaced_dates) AND f.product_id IS NOT NULL AND f.product_name IS NULL
  UNION ALL
  SELECT DISTINCT 'customer' AS ref_kind, f.customer_id AS ref_id, f.order_date
  FROM fact_orders AS f
  WHERE f.order_date IN UNNEST(@replaced_dates) AND f.customer_tier = 'unknown'
)

SELECT n.ref_kind, n.ref_id, n.order_date
FROM named AS n
LEFT JOIN waiting AS w ON w.ref_kind = n.ref_kind AND w.ref_id = n.ref_id AND w.order_date = n.order_date
WHERE w.ref_id IS NULL;
