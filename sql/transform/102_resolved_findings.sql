-- Grain: one row per open finding of missing products or customers all of which a catalog has
-- named by now.
-- Run by the aggregator in its transaction, after the dimensions are merged. A finding of an
-- earlier release does not say what is missing, and stays open.
-- @when open_findings
-- @param open_dates ARRAY<DATE>
CREATE TEMP TABLE resolved_findings AS
WITH named AS (
  SELECT 'missing_product' AS check_type, p.product_id AS ref_id FROM dim_products AS p
  UNION ALL
  SELECT 'missing_customer', c.customer_id FROM dim_customers AS c
),

open_refs AS (
  SELECT q.check_id, q.check_type, ref_id
  FROM data_quality_checks AS q
  CROSS JOIN UNNEST(q.ref_ids) AS ref_id
  WHERE
    DATE(q.check_timestamp) IN UNNEST(@open_dates)
    AND q.resolved_at IS NULL
    AND q.check_type IN ('missing_product', 'missing_customer')
)

SELECT o.check_id
FROM open_refs AS o
LEFT JOIN named AS n ON n.check_type = o.check_type AND n.ref_id = o.ref_id
GROUP BY o.check_id
HAVING COUNT(*) = COUNT(n.ref_id);
