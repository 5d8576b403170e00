-- Grain: one row per date, category and day to come; and per date and day to come one for all categories.
-- Written by the reporter's daily run, which replaces a date as a whole.
CREATE TABLE report_forecast (
  report_date DATE NOT NULL OPTIONS (description = "The day of the shop's clock that the report closes with"),
  position INT64 NOT NULL OPTIONS (description = 'Place in the report, from 1: all categories first, then by revenue'),
  category STRING OPTIONS (description = 'Category of the lines; (other) sums the smaller ones; NULL for all of them'),
  forecast_date DATE NOT NULL OPTIONS (description = 'The day that is forecast'),
  history_days INT64 NOT NULL OPTIONS (description = 'Days of the past that the forecast is made of, 182 at most'),
  orders NUMERIC NOT NULL OPTIONS (description = "Orders placed on that day, an estimate"),
  orders_low NUMERIC NOT NULL OPTIONS (description = 'What orders will be above with a probability of 90 %'),
  orders_high NUMERIC NOT NULL OPTIONS (description = 'What orders will be below with a probability of 90 %'),
  units NUMERIC NOT NULL OPTIONS (description = "Units ordered on that day, an estimate"),
  units_low NUMERIC NOT NULL OPTIONS (description = 'What units will be above with a probability of 90 %'),
  units_high NUMERIC NOT NULL OPTIONS (description = 'What units will be below with a probability of 90 %'),
  revenue NUMERIC NOT NULL OPTIONS (description = "Revenue, as the dashboard's on that day, an estimate"),
  revenue_low NUMERIC NOT NULL OPTIONS (description = 'What revenue will be above with a probability of 90 %'),
  revenue_high NUMERIC NOT NULL OPTIONS (description = 'What revenue will be below with a probability of 90 %'),
  orders_wape NUMERIC OPTIONS (description = 'Sum of the errors of forecasts of the past by the sum of what came; NULL if the past is too short'),
  orders_naive_wape NUMERIC OPTIONS (description = 'The same, had each week been taken to be like the last'),
  units_wape NUMERIC OPTIONS (description = 'Sum of the errors of forecasts of the past by the sum of what came; NULL if the past is too short'),
  units_naive_wape NUMERIC OPTIONS (description = 'The same, had each week been taken to be like the last'),
  revenue_wape NUMERIC OPTIONS (description = 'Sum of the errors of forecasts of the past by the sum of what came; NULL if the past is too short'),
  revenue_naive_wape NUMERIC OPTIONS (description = 'The same, had each week been taken to be like the last'),
  model STRING OPTIONS (description = 'What the row was forecast with: ETS(A,Ad,A) or TimesFM 2.0; NULL in rows from before there was a choice')
)
PARTITION BY report_date
CLUSTER BY position
OPTIONS (description = 'Daily report: orders, units and revenue of the 28 days to come');
