-- Grain: one row per finding about the batch, before the many of one rule are gathered.
-- ref_id: the product or customer that is missing.
-- Run by the aggregator in its transaction; empty at first.
CREATE TEMP TABLE batch_findings AS
SELECT
  CAST(NULL AS STRING) AS check_id,
  CAST(NULL AS STRING) AS check_type,
  CAST(NULL AS STRING) AS severity,
  CAST(NULL AS STRING) AS file_id,
  CAST(NULL AS STRING) AS parse_id,
  CAST(NULL AS INT64) AS record_index,
  CAST(NULL AS STRING) AS order_id,
  CAST(NULL AS STRING) AS issue_description,
  CAST(NULL AS JSON) AS refused_content,
  CAST(NULL AS STRING) AS ref_id
LIMIT 0;
