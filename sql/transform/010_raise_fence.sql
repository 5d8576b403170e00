-- Raises the fence, so that of two aggregators at work only one commits: BigQuery
-- cancels conflicting UPDATEs but lets two INSERT transactions both commit.
-- It notes the time by the warehouse's clock, from which every aggregator counts the interval, and the
-- time zone of the first orders, which those of all later files must have.
-- Run by the aggregator, first in its transaction; each run raises the epoch by one.
-- @param time_zone STRING
UPDATE pipeline_fence
SET
  epoch = epoch + 1,
  raised_at = CURRENT_TIMESTAMP(),
  time_zone = COALESCE(time_zone, @time_zone)
WHERE id = 1;
