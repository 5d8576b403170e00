-- Grain: one row per day whose figures are computed anew: days of new and of replaced facts, and of
-- facts that are repaired.
-- Run by the aggregator in its transaction.
-- @when replacing, repairs
CREATE TEMP TABLE touched_days AS
-- @if orders
SELECT l.order_date FROM loaded_lines AS l
UNION DISTINCT
-- @end
-- @if replacing
SELECT p.order_date FROM replaced_facts AS p
UNION DISTINCT
-- @end
-- @if repairs
SELECT r.order_date FROM resolved_refs AS r
UNION DISTINCT
-- @end
(SELECT CAST(NULL AS DATE) AS order_date LIMIT 0);
