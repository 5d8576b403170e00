-- Removes the ledger rows of earlier readings; the new readings' rows take their place.
-- Run by the aggregator in its transaction, after they are kept in the history.
-- @when again
DELETE FROM file_ledger AS l
WHERE l.file_id IN (SELECT r.file_id FROM replaced_files AS r);
