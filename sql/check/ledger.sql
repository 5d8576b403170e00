-- Grain: one row per file, as the model has it. What was left out is NULL in rows of a release that
-- did not keep it.
-- Run by bench, drill and tests, to compare with the model; reads the whole table.
SELECT l.file_id, l.kind, l.verdict, l.reason, l.records, l.loaded, l.lines, l.duplicates, l.rejected, l.held,
  COALESCE(l.updated, 0) AS updated,
  IF(
    l.transaction_number IS NULL,
    NULL,
    ARRAY_TO_STRING(ARRAY(
      SELECT CONCAT(CAST(r.first_index AS STRING), '-', CAST(r.last_index AS STRING), ' ', r.outcome)
      FROM UNNEST(l.left_out) AS r
      ORDER BY r.first_index
    ), ', ')
  ) AS left_out
FROM file_ledger AS l;
