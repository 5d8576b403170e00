-- Raises the fence, so that of two aggregators at work only one commits: BigQuery
-- cancels conflicting UPDATEs but lets two INSERT transactions both commit.
-- It notes the time by the warehouse's clock, from which every aggregator counts the interval.
-- Run by the aggregator, first in its transaction; each run raises the epoch by one.
UPDATE pipeline_fence
SET
  epoch = epoch + 1,
  raised_at = CURRENT_TIMESTAMP()
WHERE id = 1;
