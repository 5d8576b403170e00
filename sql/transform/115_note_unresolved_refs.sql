-- Grain: one row per day and reference that the batch's facts wait for and that is not noted yet.
-- Run by the aggregator in its transaction.
INSERT INTO unresolved_refs (ref_kind, ref_id, order_date)
WITH open_refs AS (
  SELECT DISTINCT 'product' AS ref_kind, p.product_id AS ref_id, p.order_date
  FROM unknown_products AS p
  UNION ALL
  SELECT DISTINCT 'customer' AS ref_kind, o.customer_id AS ref_id, o.order_date
  FROM loaded_orders AS o
  WHERE NOT o.customer_known
)

SELECT o.ref_kind, o.ref_id, o.order_date
FROM open_refs AS o
LEFT JOIN unresolved_refs AS u
  ON u.ref_kind = o.ref_kind AND u.ref_id = o.ref_id AND u.order_date = o.order_date
WHERE u.ref_id IS NULL;
