-- Names, in the rows of files that were read again, the records of other files that count again
-- because the new readings no longer hold their orders. What was named for an earlier reading stays
-- named: its announcement may have been lost, and the number of its transaction tells how old it is.
-- Run by the aggregator in its transaction, after the batch's own ledger rows.
-- @when orders_again
-- @param epoch INT64
UPDATE file_ledger AS l
SET
  restored = n.ranges,
  left_out_truncated = l.left_out_truncated OR n.is_truncated
FROM (
  WITH owners AS (
    SELECT DISTINCT r.file_id, r.order_id
    FROM replaced_facts AS r
    JOIN replaced_files AS f ON f.file_id = r.file_id
  ),

  ranked AS (
    SELECT
      o.file_id AS former_file_id,
      c.file_id,
      c.record_index,
      c.record_index - ROW_NUMBER() OVER (PARTITION BY o.file_id, c.file_id ORDER BY c.record_index) AS run
    FROM order_claims AS c
    JOIN owners AS o ON o.order_id = c.order_id
    WHERE c.outcome = 'restored'
  ),

  named AS (
    SELECT
      r.former_file_id,
      r.file_id,
      g.parse_id,
      MIN(r.record_index) AS first_index,
      MAX(r.record_index) AS last_index,
      @epoch + 1 AS transaction_number
    FROM ranked AS r
    JOIN file_ledger AS g ON g.file_id = r.file_id
    GROUP BY r.former_file_id, r.file_id, g.parse_id, r.run
    UNION ALL
    SELECT f.file_id, e.file_id, e.parse_id, e.first_index, e.last_index, e.transaction_number
    FROM replaced_files AS f
    CROSS JOIN UNNEST(f.restored) AS e
  )

  SELECT
    a.former_file_id,
    ARRAY_AGG(
      STRUCT(
        a.file_id AS file_id,
        a.parse_id AS parse_id,
        a.first_index AS first_index,
        a.last_index AS last_index,
        a.transaction_number AS transaction_number
      )
      ORDER BY a.transaction_number DESC, a.file_id, a.first_index LIMIT 10000
    ) AS ranges,
    COUNT(*) > 10000 AS is_truncated
  FROM named AS a
  GROUP BY a.former_file_id
) AS n
WHERE n.former_file_id = l.file_id;
