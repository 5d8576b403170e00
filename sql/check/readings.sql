-- Grain: one row per reading of a file, also of those that were replaced.
-- Run by bench, drill and tests, to compare with the model; reads the whole table.
SELECT l.file_id, l.landed_at, l.loaded_at, l.overrides, l.revision
FROM file_ledger AS l
UNION ALL
SELECT h.file_id, h.landed_at, h.loaded_at, h.overrides, h.revision
FROM file_ledger_history AS h;
