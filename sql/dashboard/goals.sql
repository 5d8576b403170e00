-- The goals that were set, by what they are of, the newest first.
-- Grain: one row per goal, also if it was set twice at the same moment.
-- Reads only; run by the reporter when the table has changed, and by pipelinectl goals. The table has a row per goal.
-- @param page_size INT64
SELECT g.goal_id, g.metric, g.period, g.category, g.from_date, g.until_date, g.amount, g.author, g.noted_at
FROM dashboard_goals AS g
QUALIFY ROW_NUMBER() OVER (PARTITION BY g.goal_id ORDER BY g.noted_at DESC, g.amount) = 1
ORDER BY g.from_date DESC, g.metric, g.period, g.category, g.goal_id
LIMIT @page_size;
