-- Grain: one row: how many hours an earlier release has computed, which knew no refunds
-- no shop's clock, or not what was paid.
-- Run by provisioning; changes nothing.
SELECT COUNT(*) AS missing
FROM agg_hourly_metrics AS a
WHERE a.headline_revenue IS NULL OR a.order_date IS NULL OR a.paid_revenue IS NULL;
