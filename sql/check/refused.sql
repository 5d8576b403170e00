-- Grain: one row per file and rule: its refused records, without those of readings that were replaced.
-- Run by bench, drill and tests, to compare with the model; reads the whole table.
SELECT r.file_id, r.rule, COUNT(*) AS records, COUNT(DISTINCT r.record_index) AS ids
FROM v_rejected_records AS r
WHERE r.parse_id NOT IN (SELECT h.parse_id FROM file_ledger_history AS h)
GROUP BY r.file_id, r.rule;
