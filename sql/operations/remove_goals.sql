-- Removes goals.
-- Grain: the rows of the given ids.
-- Run by pipelinectl goals remove; running it again changes nothing.
-- @param goal_ids ARRAY<STRING>
DELETE FROM dashboard_goals AS g
WHERE g.goal_id IN UNNEST(@goal_ids);
