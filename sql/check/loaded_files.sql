-- Grain: one row per file of the ledger.
-- Run by pipelinectl bench, drill and storm; reads the whole table.
SELECT l.file_id, l.landing_name, l.verdict, l.reason, l.records, l.lines, l.landed_at
FROM file_ledger AS l;
