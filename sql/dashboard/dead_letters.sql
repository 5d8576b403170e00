-- Messages given up in a period, per subscription, most first.
-- Grain: one row per subscription with dead letters. The sample is the newest one.
-- Reads only; run by the reporter.
-- @param from_date DATE
-- @param to_date DATE
-- @param from_time TIMESTAMP
-- @param to_time TIMESTAMP
WITH ranked AS (
  SELECT
    subscription,
    dead_letter_id,
    dead_lettered_at,
    COUNT(*) OVER (PARTITION BY subscription) AS letters,
    MIN(dead_lettered_at) OVER (PARTITION BY subscription) AS oldest_at,
    ROW_NUMBER() OVER (PARTITION BY subscription ORDER BY dead_lettered_at DESC, dead_letter_id) AS age_rank
  FROM v_dead_letters
  WHERE dead_lettered_date BETWEEN @from_date AND @to_date
    AND dead_lettered_at >= @from_time
    AND dead_lettered_at < @to_time
),
newest AS (
  SELECT subscription, dead_letter_id, dead_lettered_at, letters, oldest_at
  FROM ranked
  WHERE age_rank = 1
)
SELECT
  newest.subscription,
  newest.letters,
  newest.oldest_at,
  newest.dead_lettered_at AS newest_at,
  newest.dead_letter_id AS sample_id,
  sample.error AS sample_error,
  sample.message_id AS sample_message_id,
  sample.delivery_attempts AS sample_attempts,
  sample.file_id AS sample_file_id,
  sample.record_index AS sample_record_index,
  IF(sample.attributes IS NULL, NULL, TO_JSON_STRING(sample.attributes)) AS sample_attributes,
  sample.data AS sample_data
FROM newest
JOIN v_dead_letters AS sample
  ON sample.dead_letter_id = newest.dead_letter_id
  AND sample.dead_lettered_at = newest.dead_lettered_at
  AND sample.dead_lettered_date BETWEEN @from_date AND @to_date
ORDER BY newest.letters DESC, newest.subscription;
