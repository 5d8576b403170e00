-- Grain: one row: how many lines an earlier release has written, which did not tell the source's word
-- for the payment status from ours.
-- Run by provisioning; changes nothing.
SELECT COUNT(*) AS missing
FROM fact_orders AS f
WHERE f.payment_status_text IS NULL;
