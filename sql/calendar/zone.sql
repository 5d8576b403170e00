-- The time zone of the facts: whose days and hours they have.
-- Grain: one row, whose zone is NULL until orders are loaded.
-- Run by whoever shows, reports or recomputes days, before it does; reads only.
SELECT f.time_zone
FROM pipeline_fence AS f
WHERE f.id = 1;
