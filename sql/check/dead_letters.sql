-- Grain: one row per subscription that gave messages up.
-- Run by pipelinectl storm; reads the whole table. A letter may stand there more than once.
SELECT d.subscription, COUNT(DISTINCT d.dead_letter_id) AS n, MIN(d.error) AS error
FROM dead_letters AS d
GROUP BY d.subscription
ORDER BY d.subscription;
