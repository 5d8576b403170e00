-- How many rows the fence has: it must be one, or no transaction is kept from another.
-- Grain: one row. Reads only; run by pipelinectl doctor.
SELECT COUNT(*) AS fences
FROM pipeline_fence;
