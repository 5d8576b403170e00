-- Grain: one row: how many keys an earlier release has written, which had no marks.
-- Run by provisioning; changes nothing.
SELECT COUNT(*) AS missing
FROM order_keys AS k
WHERE k.order_mark IS NULL;
