-- Grain: one row per reading of a file, also of those that were replaced, with what decides where its object
-- stands; of replaced ones is_current is false, and the object is that of the last reading.
-- Run by pipelinectl verify; reads whole tables.
SELECT
  l.file_id, l.parse_id, l.landing_name, l.landed_at, l.loaded_at, l.overrides, l.catalog_mode, l.verdict, l.kind, l.reason, l.records,
  l.rejected, TRUE AS is_current,
  l.transaction_number IS NOT NULL AND NOT COALESCE(l.left_out_truncated, FALSE) AS names_all,
  ARRAY_TO_STRING(ARRAY(
    SELECT CONCAT(CAST(r.first_index AS STRING), '-', CAST(r.last_index AS STRING), ' ', r.outcome)
    FROM UNNEST(l.left_out) AS r
    ORDER BY r.first_index
  ), ', ') AS left_out,
  ARRAY_TO_STRING(ARRAY(
    SELECT CONCAT(r.rule, ' ', CAST(r.records AS STRING))
    FROM UNNEST(l.rejected_by_rule) AS r
    ORDER BY r.rule
  ), ',') AS rejected_by_rule
FROM file_ledger AS l
UNION ALL
SELECT
  h.file_id, h.parse_id, h.landing_name, h.landed_at, h.loaded_at, h.overrides, h.catalog_mode, l.verdict, h.kind, h.reason, h.records,
  h.rejected, FALSE, FALSE, '', ''
FROM file_ledger_history AS h
JOIN file_ledger AS l ON l.file_id = h.file_id;
