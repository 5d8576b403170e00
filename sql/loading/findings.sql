-- Grain: one row per rule and severity: how many findings a transaction has added.
-- Run by the aggregator after a transaction, to count them; now is the transaction's own, which its
-- findings carry.
-- @param now TIMESTAMP
SELECT
  q.check_type, q.severity, SUM(COALESCE(q.occurrences, 1)) AS findings
FROM data_quality_checks AS q
WHERE q.check_timestamp = @now
GROUP BY q.check_type, q.severity;
