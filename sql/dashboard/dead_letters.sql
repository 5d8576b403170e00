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
    error,
    dead_lettered_at,
    COUNT(*) OVER (PARTITION BY subscription) AS letters,
    MIN(dead_lettered_at) OVER (PARTITION BY subscription) AS oldest_at,
    ROW_NUMBER() OVER (PARTITION BY subscription ORDER BY dead_lettered_at DESC, dead_letter_id) AS age_rank
  FROM v_dead_letters
  WHERE dead_lettered_date BETWEEN @from_date AND @to_date
    AND dead_lettered_at >= @from_time
    AND dead_lettered_at < @to_time
)
SELECT
  subscription,
  letters,
  oldest_at,
  dead_lettered_at AS newest_at,
  dead_letter_id AS sample_id,
  error AS sample_error
FROM ranked
WHERE age_rank = 1
ORDER BY letters DESC, subscription;
