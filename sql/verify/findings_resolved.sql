-- Grain: one row per finding of missing products or customers that is open although all of them are
-- known, or closed although one is not.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH named AS (
  SELECT 'missing_product' AS check_type, p.product_id AS ref_id FROM dim_products AS p
  UNION ALL
  SELECT 'missing_customer', c.customer_id FROM dim_customers AS c
),

refs AS (
  SELECT q.check_id, q.check_type, q.file_id, q.issue_description, q.resolved_at, ref_id
  FROM data_quality_checks AS q
  CROSS JOIN UNNEST(q.ref_ids) AS ref_id
)

SELECT
  CONCAT(r.check_type, ' of file ', ANY_VALUE(r.file_id), ': ', ANY_VALUE(r.issue_description), IF(
    MAX(r.resolved_at) IS NULL, ': open, but known', ': closed, but not known'
  )) AS detail
FROM refs AS r
LEFT JOIN named AS n ON n.check_type = r.check_type AND n.ref_id = r.ref_id
GROUP BY r.check_id, r.check_type
HAVING (MAX(r.resolved_at) IS NOT NULL) != (COUNT(*) = COUNT(n.ref_id));
