-- What became of the canary's file.
-- Grain: one row, once the aggregator has decided. Reads only; run by pipelinectl doctor.
-- @param file_id STRING
SELECT verdict
FROM file_ledger
WHERE file_id = @file_id;
