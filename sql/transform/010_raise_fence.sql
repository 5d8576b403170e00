-- Raises the fence, so that of two aggregators at work only one commits: BigQuery
-- cancels conflicting UPDATEs but lets two INSERT transactions both commit.
-- Run by the aggregator, first in its transaction; each run raises the epoch by one.
UPDATE pipeline_fence
SET epoch = epoch + 1
WHERE id = 1;
