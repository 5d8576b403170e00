-- Ends the transaction if so many records of one file contradict one another, the same order with
-- other content, that the file as a whole is doubtful: an export with one record per line of an
-- order would be loaded as its first lines. They count like refused records; and, the refused ones
-- apart, the record that stands counts too, because it is no better than those that do not.
-- Contradictions with other files are a matter of each order.
-- Run by the aggregator in its transaction; changes nothing.
-- @when orders
WITH contradicting AS (
  SELECT c.parse_id, COUNT(*) AS records, COUNT(DISTINCT c.order_id) AS orders
  FROM order_claims AS c
  WHERE (c.outcome = 'conflict' OR c.outcome = 'loaded' AND c.is_blind) AND c.verdict = 'loaded' AND c.owner_file_id = c.file_id
  GROUP BY c.parse_id
),

refused AS (
  SELECT
    c.parse_id,
    -- @if refused
    (SELECT COUNT(*) FROM batch_refused AS r WHERE r.parse_id = c.parse_id)
    -- @end
    -- @if not refused
    0
    -- @end
    AS records
  FROM contradicting AS c
)

SELECT IF(COUNT(*) = 0, TRUE, ERROR('contradicting_records')) AS is_free_of_contradictions
FROM contradicting AS d
JOIN batch_files AS f ON f.parse_id = d.parse_id
LEFT JOIN refused AS r ON r.parse_id = d.parse_id AND STRPOS(f.overrides, 'accept_refused') = 0
WHERE
  d.records > f.most_contradictions
  OR d.records + d.orders > f.most_contradictions + COALESCE(r.records, 0);
