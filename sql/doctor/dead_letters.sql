-- Messages given up since a day, per subscription, most first, without those that an operator
-- replayed or discarded, and without those of records whose file was read again; one that was given up
-- again after a replay is a letter of its own.
-- Grain: one row per subscription with such dead letters. Reads only; run by pipelinectl doctor and status.
-- @param from_date DATE
WITH settled AS (
  SELECT DISTINCT f.dead_letter_id
  FROM dead_letter_fates AS f
  WHERE f.decided_date >= DATE_SUB(@from_date, INTERVAL 1 DAY)
)

SELECT
  d.subscription,
  COUNT(*) AS letters,
  MAX(d.dead_lettered_at) AS newest_at
FROM v_dead_letters AS d
LEFT JOIN settled AS s ON s.dead_letter_id = d.dead_letter_id
LEFT JOIN file_ledger_history AS h ON h.file_id = d.file_id AND h.parse_id = d.parse_id
WHERE d.dead_lettered_date >= @from_date
  AND s.dead_letter_id IS NULL
  AND (d.record_index IS NULL OR h.file_id IS NULL)
GROUP BY d.subscription
ORDER BY letters DESC, d.subscription;
