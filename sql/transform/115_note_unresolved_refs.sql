-- Grain: one row per day and reference that the batch's facts wait for and that is not noted yet.
-- Run by the aggregator in its transaction.
-- @when orders
INSERT INTO unresolved_refs (ref_kind, ref_id, order_date)
WITH open_refs AS (
  SELECT DISTINCT 'product' AS ref_kind, l.product_id AS ref_id, l.order_date
  FROM loaded_lines AS l
  WHERE NOT l.product_known
  UNION ALL
  SELECT DISTINCT 'customer' AS ref_kind, l.customer_id AS ref_id, l.order_date
  FROM loaded_lines AS l
  WHERE NOT l.customer_known
)

SELECT o.ref_kind, o.ref_id, o.order_date
FROM open_refs AS o
LEFT JOIN unresolved_refs AS u
  ON u.ref_kind = o.ref_kind AND u.ref_id = o.ref_id AND u.order_date = o.order_date
WHERE u.ref_id IS NULL;
