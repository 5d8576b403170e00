-- Messages given up since a day, per subscription, most first.
-- Grain: one row per subscription with dead letters. Reads only; run by pipelinectl doctor.
-- @param from_date DATE
SELECT
  subscription,
  COUNT(*) AS letters,
  MAX(dead_lettered_at) AS newest_at
FROM v_dead_letters
WHERE dead_lettered_date >= @from_date
GROUP BY subscription
ORDER BY letters DESC, subscription;
