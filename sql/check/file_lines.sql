-- Grain: one row per order line of a file in the facts or the history, as the text of the columns of
-- reference.Columns.
-- Run by pipelinectl verify --from-archive for a file whose sums differ; reads whole tables.
-- @param file_id STRING
WITH
-- @include order_lines

SELECT l.line
FROM order_lines AS l
WHERE l.file_id = @file_id;
