-- No customer record, in a batch without catalogs: the table is empty and costs nothing.
-- Run by the aggregator in its transaction.
-- @unless catalogs
CREATE TEMP TABLE batch_customers AS
SELECT
  CAST(NULL AS STRING) AS file_id,
  CAST(NULL AS STRING) AS parse_id,
  CAST(NULL AS INT64) AS record_index,
  CAST(NULL AS TIMESTAMP) AS landed_at,
  CAST(NULL AS STRING) AS verdict,
  CAST(NULL AS STRING) AS customer_id,
  CAST(NULL AS STRING) AS name,
  CAST(NULL AS STRING) AS email,
  CAST(NULL AS DATE) AS registration_date,
  CAST(NULL AS STRING) AS customer_tier,
  CAST(NULL AS BOOL) AS is_active,
  CAST(NULL AS STRING) AS content_hash,
  CAST(NULL AS ARRAY<STRING>) AS warnings,
  CAST(NULL AS BOOL) AS is_duplicate
LIMIT 0;
