-- Grain: one row: how many categories' days an earlier release has computed, which counted the orders
-- that failed, were called off or are not paid as revenue.
-- Run by provisioning; changes nothing.
SELECT COUNT(*) AS missing
FROM agg_category_revenue AS a
WHERE a.headline_revenue IS NULL OR a.paid_revenue IS NULL;
