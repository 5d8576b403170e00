-- What was found about an order, in whatever file: also records that were left out as duplicates.
-- Grain: one row per finding, the oldest first.
-- Run by the reporter and by pipelinectl trace; reads only.
-- @param order_id STRING
SELECT f.check_timestamp, f.severity, f.check_type AS rule, f.file_id, f.record_index, f.issue_description, f.resolved_at
FROM data_quality_checks AS f
WHERE f.order_id = @order_id
ORDER BY f.check_timestamp, f.file_id, f.record_index, rule;
