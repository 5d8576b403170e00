-- Grain: one row per day whose category revenue changes: days of new facts and of repaired products.
-- Run by the aggregator in its transaction.
CREATE TEMP TABLE touched_days AS
SELECT f.order_date FROM new_facts AS f
UNION DISTINCT
SELECT r.order_date FROM resolved_refs AS r WHERE r.ref_kind = 'product';
