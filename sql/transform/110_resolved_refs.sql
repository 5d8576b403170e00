-- Grain: one row per day and reference that facts have waited for and a catalog has named: one of
-- this batch, or an earlier one whose transaction had no room for the day.
-- Run by the aggregator in its transaction, before the batch's own open references are added.
-- A day that the bounds did not name is left waiting, for a transaction to come.
-- @when repairs
-- @param repair_dates ARRAY<DATE>
CREATE TEMP TABLE resolved_refs AS
SELECT u.ref_kind, u.ref_id, u.order_date
FROM unresolved_refs AS u
JOIN dim_products AS p ON u.ref_kind = 'product' AND p.product_id = u.ref_id
WHERE u.order_date IN UNNEST(@repair_dates)
UNION ALL
SELECT u.ref_kind, u.ref_id, u.order_date
FROM unresolved_refs AS u
JOIN dim_customers AS c ON u.ref_kind = 'customer' AND c.customer_id = u.ref_id
WHERE u.order_date IN UNNEST(@repair_dates);
