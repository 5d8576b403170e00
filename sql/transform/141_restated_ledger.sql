-- Counts a version among its file's loaded records that was left out as stale and now counts,
-- because the later version is gone.
-- Run by the aggregator in its transaction, after the batch's own ledger rows.
-- @when orders_again
UPDATE file_ledger AS l
SET
  loaded = l.loaded + r.records,
  lines = l.lines + r.order_lines,
  duplicates = l.duplicates - r.records
FROM counted_again AS r
WHERE r.file_id = l.file_id;
