-- Grain: one row per file of the batch that has an earlier reading in the ledger.
-- Run by the aggregator in its transaction, before anything of that reading is removed.
-- @when again
CREATE TEMP TABLE replaced_files AS
SELECT l.*
FROM file_ledger AS l
JOIN batch_files AS f ON f.file_id = l.file_id;
