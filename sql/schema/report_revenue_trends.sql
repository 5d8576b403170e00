-- Grain: one row per date, granularity, level, region, category and period.
-- Written by the reporter's daily run, which replaces a date as a whole.
CREATE TABLE report_revenue_trends (
  report_date DATE NOT NULL OPTIONS (description = "The day of the shop's clock that the report closes with"),
  position INT64 NOT NULL OPTIONS (description = 'Place in the report, from 1'),
  granularity STRING NOT NULL OPTIONS (description = 'day; or week: 7 days, the newest week ending with the report date'),
  level STRING NOT NULL OPTIONS (description = 'total, region, category or region_category'),
  region STRING OPTIONS (description = 'Region of the orders; (other) sums the smaller ones; NULL at levels without regions'),
  category STRING OPTIONS (description = 'Category of the lines; (other) sums the smaller ones; NULL at levels without categories'),
  period_start DATE NOT NULL OPTIONS (description = 'First day of the period'),
  period_end DATE NOT NULL OPTIONS (description = 'Last day of the period'),
  orders INT64 NOT NULL OPTIONS (description = 'Distinct orders with a line in the series'),
  units INT64 NOT NULL OPTIONS (description = 'Units ordered'),
  revenue NUMERIC NOT NULL OPTIONS (description = 'Sum of line_total, whatever the payment status'),
  completed_revenue NUMERIC NOT NULL OPTIONS (description = 'Sum of line_total of orders paid'),
  previous_revenue NUMERIC OPTIONS (description = 'Revenue of the same period a week before; NULL before the first order of all'),
  change_ratio NUMERIC OPTIONS (description = '(revenue - previous_revenue) / previous_revenue, 4 decimals; NULL without a previous revenue'),
  moving_average_7 NUMERIC OPTIONS (description = 'Revenue per day over the 7 days up to this one; NULL where the history is shorter, and for weeks'),
  moving_average_28 NUMERIC OPTIONS (description = 'The same over 28 days'),
  expected_revenue NUMERIC OPTIONS (description = 'Median revenue of the same weekday in the 8 weeks before; NULL with less than 4 weeks of history, and for weeks'),
  deviation NUMERIC OPTIONS (description = 'Median distance of those days from expected_revenue'),
  anomaly STRING OPTIONS (description = 'high or low if revenue is further from expected_revenue than both 4.4478 deviations and a quarter of it; else NULL')
)
PARTITION BY report_date
CLUSTER BY position
OPTIONS (description = 'Daily report: 90 days of revenue by region and category');
