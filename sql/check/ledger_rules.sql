-- Grain: one row per file and rule: how many records the ledger says it refused. most differs from
-- records where a rule stands twice.
-- Run by bench, drill and tests, to compare with the model; reads the whole table.
SELECT l.file_id, r.rule, SUM(r.records) AS records, MAX(r.records) AS most
FROM file_ledger AS l, UNNEST(l.rejected_by_rule) AS r
GROUP BY l.file_id, r.rule;
