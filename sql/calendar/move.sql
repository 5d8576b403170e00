-- Moves the warehouse to a time zone, which files must have from then on. The facts stay those of the zone
-- before until their files are read again.
-- It raises the fence, so that a transaction which was planned before is not run. Running it again changes
-- nothing else. Run by whoever provisions the dataset, if a zone is asked for.
-- @param time_zone STRING
UPDATE pipeline_fence
SET
  epoch = epoch + 1,
  time_zone = @time_zone
WHERE id = 1;
