-- Grain: one row per file of this transaction; a file that the ledger holds at this or a
-- higher revision is left out.
-- Run by the aggregator in its transaction.
-- @param files ARRAY<STRUCT<file_id STRING, parse_id STRING, revision INT64, overrides STRING, fail_duplicates BOOL, most_contradictions INT64, kind STRING, landing_name STRING, catalog_mode STRING, bytes INT64, records INT64, verdict STRING, reason STRING, reason_detail STRING, landed_at TIMESTAMP, claimed_at TIMESTAMP, parsed_at TIMESTAMP>>
CREATE TEMP TABLE batch_files AS
SELECT f.*
FROM UNNEST(@files) AS f
LEFT JOIN file_ledger AS l ON l.file_id = f.file_id AND l.revision >= f.revision
WHERE l.file_id IS NULL;
