-- Grain: one row per earlier reading of a file of the batch, as the ledger had it.
-- Run by the aggregator in its transaction, before the ledger forgets it.
-- @when again
INSERT INTO file_ledger_history (
  file_id, parse_id, revision, kind, landing_name, bytes, records, loaded, lines, duplicates, rejected, held,
  verdict, reason, landed_at, claimed_at, parsed_at, loaded_at, overrides, rejected_by_rule, updated,
  transaction_number, left_out, restored, left_out_truncated, catalog_mode
)
SELECT
  r.file_id, r.parse_id, r.revision, r.kind, r.landing_name, r.bytes, r.records, r.loaded, r.lines, r.duplicates, r.rejected, r.held,
  r.verdict, r.reason, r.landed_at, r.claimed_at, r.parsed_at, r.loaded_at, r.overrides, r.rejected_by_rule, r.updated,
  r.transaction_number, r.left_out, r.restored, r.left_out_truncated, r.catalog_mode
FROM replaced_files AS r;
