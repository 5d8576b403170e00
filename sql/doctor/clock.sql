-- The warehouse's own time, with which doctor compares the machine's clock.
-- Grain: one row. Reads only; run by pipelinectl doctor.
SELECT CURRENT_TIMESTAMP() AS server_time;
