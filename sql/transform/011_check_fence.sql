-- Ends the transaction if another one has committed since its bounds were read,
-- because the literal dates might no longer cover what waits for repair.
-- Run by the aggregator in its transaction; changes nothing. A SELECT, because ASSERT
-- is not among the statements that BigQuery documents for transactions.
-- @param epoch INT64
SELECT IF(f.epoch = @epoch + 1, TRUE, ERROR('stale_fence')) AS is_current
FROM pipeline_fence AS f
WHERE f.id = 1;
