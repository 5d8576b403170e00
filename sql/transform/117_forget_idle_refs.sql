-- Forgets the references that only replaced facts waited for.
-- Run by the aggregator in its transaction.
-- @when replacing
DELETE FROM unresolved_refs AS u
WHERE EXISTS (
  SELECT 1
  FROM idle_refs AS i
  WHERE i.ref_kind = u.ref_kind AND i.ref_id = u.ref_id AND i.order_date = u.order_date
);
