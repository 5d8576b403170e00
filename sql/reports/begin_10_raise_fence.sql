-- Raises the fence, so that of two runs at work only one commits: BigQuery cancels conflicting
-- UPDATEs, but a DELETE that meets no row may conflict with nothing.
-- Run by the reporter's daily run, first in the transaction of each report; each run raises the
-- epoch by one.
UPDATE report_fence
SET epoch = epoch + 1
WHERE id = 1;
