-- No reference that a catalog has named, when no day is to be repaired: the table is empty and
-- costs nothing.
-- Run by the aggregator in its transaction.
-- @unless repairs
CREATE TEMP TABLE resolved_refs AS
SELECT
  CAST(NULL AS STRING) AS ref_kind,
  CAST(NULL AS STRING) AS ref_id,
  CAST(NULL AS DATE) AS order_date
LIMIT 0;
