-- Grain: one row per day and reference that facts have waited for and this batch's catalogs name.
-- Run by the aggregator in its transaction, before the batch's own open references are added.
-- A day that the bounds did not name is left waiting, as its facts will not be repaired now.
-- @param repair_dates ARRAY<DATE>
CREATE TEMP TABLE resolved_refs AS
SELECT u.ref_kind, u.ref_id, u.order_date
FROM unresolved_refs AS u
JOIN newest_products AS p ON u.ref_kind = 'product' AND p.product_id = u.ref_id
WHERE u.order_date IN UNNEST(@repair_dates)
UNION ALL
SELECT u.ref_kind, u.ref_id, u.order_date
FROM unresolved_refs AS u
JOIN newest_customers AS c ON u.ref_kind = 'customer' AND c.customer_id = u.ref_id
WHERE u.order_date IN UNNEST(@repair_dates);
