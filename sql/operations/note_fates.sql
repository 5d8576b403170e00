-- Notes what was decided about dead letters of a subscription.
-- Grain: one row per dead letter and decision; a repeated decision adds a row that changes nothing.
-- Run by pipelinectl replay and discard.
-- @param letter_ids ARRAY<STRING>
-- @param subscription STRING
-- @param fate STRING
-- @param reason STRING
-- @param decided_at TIMESTAMP
INSERT INTO dead_letter_fates (dead_letter_id, subscription, fate, reason, decided_at, decided_date)
SELECT id, @subscription, @fate, @reason, @decided_at, DATE(@decided_at)
FROM UNNEST(@letter_ids) AS id;
