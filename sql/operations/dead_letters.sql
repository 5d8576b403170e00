-- Dead letters of a subscription, or of all (NULL), and their fates, in the order they were given up.
-- Grain: one row per dead letter. Its fate is the first of these that is true:
--   died_again  it was replayed and given up again: the newer dead letter is the one to replay
--   discarded   an operator wants nothing to be done about it
--   resolved    it is a record of a reading whose place another has taken: nobody waits for it
--   decided     it is a record of the reading that the ledger holds of its file, with this
--               verdict: it counts there as rejected, and publishing it would change nothing
--   replayed    it was published again, and has not come back
--   exhausted   its message was given up after max_replays replays
--   open        none of them
-- Run by pipelinectl dlq, replay and discard; reads only.
-- @param subscription STRING
-- @param from_date DATE
-- @param to_date DATE
-- @param letter_ids ARRAY<STRING>
-- @param max_replays INT64
WITH letters AS (
  -- Dead letters that follow another may be younger than to_date.
  SELECT
    d.dead_letter_id, d.subscription, d.data, d.attributes, d.error, d.delivery_attempts, d.file_id, d.parse_id, d.record_index,
    d.dead_lettered_at, d.dead_lettered_date,
    COALESCE(d.first_message_id, d.message_id) AS first_message_id,
    COALESCE(d.replays, 0) AS replays,
    JSON_VALUE(d.attributes, '$.replay_of') AS replay_of
  FROM v_dead_letters AS d
  WHERE d.dead_lettered_date >= @from_date AND (@subscription IS NULL OR d.subscription = @subscription)
  QUALIFY ROW_NUMBER() OVER (PARTITION BY d.dead_letter_id ORDER BY d.dead_lettered_at) = 1
),

newest AS (
  SELECT l.first_message_id, MAX(l.replays) AS replays
  FROM letters AS l
  GROUP BY l.first_message_id
),

-- Dead letters from before their messages' first ids were kept say only which dead letter they were.
followed AS (
  SELECT DISTINCT l.replay_of AS dead_letter_id
  FROM letters AS l
  WHERE l.replay_of IS NOT NULL
),

-- A decision is younger than its dead letter, but two clocks may differ about midnight.
decisions AS (
  SELECT f.dead_letter_id, f.fate
  FROM dead_letter_fates AS f
  WHERE f.decided_date >= DATE_SUB(@from_date, INTERVAL 1 DAY) AND (@subscription IS NULL OR f.subscription = @subscription)
  QUALIFY ROW_NUMBER() OVER (PARTITION BY f.dead_letter_id ORDER BY f.decided_at DESC, f.fate) = 1
)

SELECT
  d.dead_letter_id,
  d.subscription,
  d.dead_lettered_at,
  d.delivery_attempts,
  d.record_index,
  d.data,
  d.attributes,
  d.error,
  d.file_id,
  d.first_message_id,
  d.replays,
  l.verdict,
  CASE
    WHEN n.replays > d.replays OR w.dead_letter_id IS NOT NULL THEN 'died_again'
    WHEN c.fate = 'discarded' THEN 'discarded'
    WHEN d.record_index IS NOT NULL AND h.file_id IS NOT NULL THEN 'resolved'
    WHEN d.record_index IS NOT NULL AND l.file_id IS NOT NULL THEN 'decided'
    WHEN c.fate = 'replayed' THEN 'replayed'
    WHEN d.replays >= @max_replays THEN 'exhausted'
    ELSE 'open'
  END AS fate
FROM letters AS d
JOIN newest AS n ON n.first_message_id = d.first_message_id
LEFT JOIN followed AS w ON w.dead_letter_id = d.dead_letter_id
LEFT JOIN decisions AS c ON c.dead_letter_id = d.dead_letter_id
LEFT JOIN file_ledger AS l ON l.file_id = d.file_id AND l.parse_id = d.parse_id
LEFT JOIN file_ledger_history AS h ON h.file_id = d.file_id AND h.parse_id = d.parse_id
WHERE
  d.dead_lettered_date <= @to_date
  AND (ARRAY_LENGTH(@letter_ids) = 0 OR d.dead_letter_id IN UNNEST(@letter_ids))
ORDER BY d.dead_lettered_at, d.dead_letter_id;
