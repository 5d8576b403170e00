-- Grain: one row if the ledger holds the file in this revision or a later one, else none.
-- Run by the parser for a file that is gone from where it waited; reads only.
-- @param file_id STRING
-- @param revision INT64
SELECT l.file_id
FROM file_ledger AS l
WHERE l.file_id = @file_id AND l.revision >= @revision
LIMIT 1;
