-- Grain: one row per day whose category revenue changes: days of new and of replaced facts, and
-- of repaired products.
-- Run by the aggregator in its transaction.
CREATE TEMP TABLE touched_days AS
SELECT o.order_date FROM loaded_orders AS o
UNION DISTINCT
SELECT p.order_date FROM replaced_facts AS p
UNION DISTINCT
SELECT r.order_date FROM resolved_refs AS r WHERE r.ref_kind = 'product';
