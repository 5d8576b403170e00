-- Grain: one row per file: what decides where its object stands, and what it must be.
-- Run by pipelinectl verify; reads whole tables.
SELECT l.file_id, l.landing_name, l.verdict, l.landed_at, l.loaded_at, l.bytes, l.parse_id
FROM file_ledger AS l;
