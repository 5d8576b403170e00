-- The warehouse's own time, to hold the machine's clock against.
-- Grain: one row. Reads only; run by pipelinectl doctor.
SELECT CURRENT_TIMESTAMP() AS server_time;
