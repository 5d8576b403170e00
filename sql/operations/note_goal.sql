-- Sets a goal.
-- Grain: one row, by its id; a goal of the same figure, period, category and first day takes the new amount and last day.
-- Run by pipelinectl goals set; running it again changes nothing.
-- @param goal_id STRING
-- @param metric STRING
-- @param period STRING
-- @param category STRING
-- @param from_date DATE
-- @param until_date DATE
-- @param amount NUMERIC
-- @param author STRING
-- @param noted_at TIMESTAMP
MERGE INTO dashboard_goals AS g
USING (SELECT given AS goal_id FROM UNNEST([@goal_id]) AS given GROUP BY goal_id) AS n
ON g.goal_id = n.goal_id
WHEN MATCHED AND (g.amount != @amount OR g.until_date IS DISTINCT FROM @until_date) THEN
  UPDATE SET until_date = @until_date, amount = @amount, author = @author, noted_at = @noted_at
WHEN NOT MATCHED THEN
  INSERT (goal_id, metric, period, category, from_date, until_date, amount, author, noted_at)
  VALUES (n.goal_id, @metric, @period, @category, @from_date, @until_date, @amount, @author, @noted_at);
