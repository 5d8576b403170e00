-- Whether the canary's one record has come through the writer.
-- Grain: one row. Reads only; run by pipelinectl doctor.
-- @param file_id STRING
-- @param from_date DATE
SELECT COUNT(*) AS refused
FROM rejected_records
WHERE landed_date >= @from_date
  AND file_id = @file_id;
