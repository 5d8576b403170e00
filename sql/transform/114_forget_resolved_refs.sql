-- Forgets the references that no fact waits for any more.
-- Run by the aggregator in its transaction, after the repair.
-- @when repairs
DELETE FROM unresolved_refs AS u
WHERE EXISTS (
  SELECT 1
  FROM resolved_refs AS r
  WHERE r.ref_kind = u.ref_kind AND r.ref_id = u.ref_id AND r.order_date = u.order_date
);
