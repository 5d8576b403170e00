-- Ends the transaction if another one has committed since its bounds were read,
-- because the literal dates might no longer cover what waits for repair.
-- Run by the aggregator in its transaction; changes nothing.
-- @param epoch INT64
ASSERT (SELECT f.epoch FROM pipeline_fence AS f WHERE f.id = 1) = @epoch + 1
AS 'stale_fence';
