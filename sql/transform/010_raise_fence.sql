-- Raises the fence, so that of two aggregators at work only one commits: BigQuery
-- cancels conflicting UPDATEs but lets two INSERT transactions both commit.
-- It ends the transaction if another one has committed since its bounds were read, because the
-- literal dates might no longer cover what waits for repair.
-- It notes the time by the warehouse's clock, from which every aggregator counts the interval, and the
-- time zone of the first orders, which those of all later files must have.
-- Run by the aggregator, first in its transaction; each run raises the epoch by one.
-- @param epoch INT64
-- @param time_zone STRING
UPDATE pipeline_fence
SET
  epoch = IF(epoch = @epoch, epoch + 1, ERROR('stale_fence')),
  raised_at = CURRENT_TIMESTAMP(),
  time_zone = COALESCE(time_zone, @time_zone)
WHERE id = 1;
