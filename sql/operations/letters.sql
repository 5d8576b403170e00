-- Dead letters of a subscription to publish again, in the order they were given up.
-- Grain: one row per letter. is_decided tells that the letter is a record of the reading that the
-- ledger holds of its file, with this verdict: the record counts there as rejected, and publishing
-- it again would change nothing. is_replaced tells that another reading has taken that one's place:
-- nobody waits for the record any more. A letter of a reading that is still on its way is neither.
-- Run by pipelinectl replay; reads only.
-- @param subscription STRING
-- @param from_date DATE
-- @param to_date DATE
-- @param letter_ids ARRAY<STRING>
SELECT
  d.dead_letter_id,
  d.data,
  d.attributes,
  d.error,
  d.file_id,
  d.record_index IS NOT NULL AND l.file_id IS NOT NULL AS is_decided,
  d.record_index IS NOT NULL AND h.file_id IS NOT NULL AS is_replaced,
  l.verdict
FROM v_dead_letters AS d
LEFT JOIN file_ledger AS l ON l.file_id = d.file_id AND l.parse_id = d.parse_id
LEFT JOIN file_ledger_history AS h ON h.file_id = d.file_id AND h.parse_id = d.parse_id
WHERE
  d.dead_lettered_date BETWEEN @from_date AND @to_date
  AND d.subscription = @subscription
  AND (ARRAY_LENGTH(@letter_ids) = 0 OR d.dead_letter_id IN UNNEST(@letter_ids))
ORDER BY d.dead_lettered_at, d.dead_letter_id;
