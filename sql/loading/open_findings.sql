-- Grain: one row per day on which findings of missing products or customers were written that no
-- catalog has closed yet.
-- Run by the aggregator before a transaction with catalogs; it reads three columns of all findings.
SELECT DISTINCT DATE(q.check_timestamp) AS day
FROM data_quality_checks AS q
WHERE q.resolved_at IS NULL AND q.check_type IN ('missing_product', 'missing_customer');
