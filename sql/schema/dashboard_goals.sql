-- Grain: one row per figure, period, category and first day of a goal. It holds on each day until its last, as long as no goal of
-- the same figure, period and category begins later and holds on that day: of several the one that began last counts. Two commands
-- that set the same goal at the same moment may leave it twice; the one that was written last is read.
-- Written by pipelinectl goals, read by the dashboard.
CREATE TABLE dashboard_goals (
  goal_id STRING NOT NULL OPTIONS (description = 'Derived from metric, period, category and from_date, so that setting it again changes its amount'),
  metric STRING NOT NULL OPTIONS (description = 'What it is a goal of: orders, or revenue, which is of paid orders after refunds'),
  period STRING NOT NULL OPTIONS (description = 'What it is to be reached in: day or month'),
  category STRING OPTIONS (description = 'Product category whose figure it is; NULL if it is of the whole shop'),
  from_date DATE NOT NULL OPTIONS (description = "First day that it holds on, on the shop's clock"),
  until_date DATE OPTIONS (description = 'Last day that it holds on; NULL if there is none yet'),
  amount NUMERIC NOT NULL OPTIONS (description = "What is to be reached in a period: orders, or money in the shop's currency"),
  author STRING NOT NULL OPTIONS (description = 'Who set it, by the name that they gave'),
  noted_at TIMESTAMP NOT NULL OPTIONS (description = 'When it was set')
)
OPTIONS (description = 'What a shop wants to reach');
