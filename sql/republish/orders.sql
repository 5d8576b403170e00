-- Grain: one row per version of each order that the facts have on the given days (the version that
-- counts and those in order_history), and then one row per file that brought one, or that brought one
-- back to the facts: its row of the ledger, with how many of the file's versions are among the rows.
-- Run by pipelinectl republish; one statement, so that orders and files are of one moment. Reads only.
-- @param from_date DATE
-- @param to_date DATE
WITH versions AS (
  SELECT v.order_id, k.content_hash, v.file_id, v.record_index, v.content, v.utc_offset_seconds
  FROM v_order_versions AS v
  JOIN order_keys AS k ON k.order_id = v.order_id
  WHERE v.is_current
    AND v.order_date >= @from_date AND v.order_date <= @to_date
    AND k.order_date >= @from_date AND k.order_date <= @to_date
  UNION ALL
  SELECT h.order_id, h.content_hash, h.file_id, h.record_index, h.content, h.utc_offset_seconds
  FROM order_history AS h
  WHERE h.order_id IN (
    SELECT c.order_id FROM order_keys AS c WHERE c.order_date >= @from_date AND c.order_date <= @to_date
  )
),

files AS (
  SELECT v.file_id, COUNT(*) AS versions
  FROM versions AS v
  GROUP BY v.file_id
),

-- Which reading of a file brings another one's records back.
restoring AS (
  SELECT DISTINCT l.file_id
  FROM file_ledger AS l
  CROSS JOIN UNNEST(l.restored) AS r
  JOIN files AS f ON f.file_id = r.file_id
),

messages AS (
  SELECT
    1 AS sequence, v.file_id, l.parse_id, l.landed_at, v.order_id, v.content_hash, v.record_index,
    TO_JSON_STRING(v.content) AS content, COALESCE(v.utc_offset_seconds, 0) AS utc_offset_seconds, 0 AS versions
  FROM versions AS v
  JOIN file_ledger AS l ON l.file_id = v.file_id
  UNION ALL
  SELECT
    2 AS sequence, l.file_id, l.parse_id, l.landed_at, '' AS order_id, '' AS content_hash, 0 AS record_index,
    TO_JSON_STRING(STRUCT(
      l.kind AS kind, l.landing_name AS landing_name, l.bytes AS bytes, l.revision AS revision, l.verdict AS verdict,
      COALESCE(l.reason, '') AS reason, l.records AS records, l.loaded AS loaded, l.lines AS lines, l.duplicates AS duplicates,
      l.rejected AS rejected, l.held AS held, COALESCE(l.updated, 0) AS updated,
      FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', l.loaded_at) AS loaded_at,
      COALESCE(l.transaction_number, 0) AS transaction_number, COALESCE(l.left_out_truncated, FALSE) AS left_out_truncated,
      l.left_out AS left_out, l.restored AS restored
    )) AS content,
    0 AS utc_offset_seconds, COALESCE(f.versions, 0) AS versions
  FROM file_ledger AS l
  LEFT JOIN files AS f ON f.file_id = l.file_id
  WHERE f.file_id IS NOT NULL OR l.file_id IN (SELECT g.file_id FROM restoring AS g)
)

SELECT
  r.sequence, r.file_id, r.parse_id, r.landed_at, r.order_id, r.content_hash, r.record_index, r.content,
  r.utc_offset_seconds, r.versions
FROM messages AS r
ORDER BY r.sequence, r.landed_at, r.file_id, r.record_index;
