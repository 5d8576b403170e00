-- Grain: one row per date, month in which customers paid for the first time, and month since, the running one included.
-- Guests are in none. Written by the reporter's daily run, which replaces a date as a whole.
CREATE TABLE report_cohorts (
  report_date DATE NOT NULL OPTIONS (description = "The day of the shop's clock that the report closes with"),
  position INT64 NOT NULL OPTIONS (description = 'Place in the report, from 1: the newest cohort first, each from its first month on'),
  cohort_month DATE NOT NULL OPTIONS (description = 'First day of the month of the customers first paid orders'),
  months_since INT64 NOT NULL OPTIONS (description = 'Months after that one; 0: that month itself'),
  is_over BOOL NOT NULL OPTIONS (description = 'FALSE if the month that is months_since later was not over on the date'),
  customers INT64 NOT NULL OPTIONS (description = 'Customers whose first paid order ever is of cohort_month'),
  buyers INT64 NOT NULL OPTIONS (description = 'Those of them with a paid order in the month that is months_since later'),
  buyer_share NUMERIC NOT NULL OPTIONS (description = 'buyers by customers, to four decimals'),
  orders INT64 NOT NULL OPTIONS (description = 'Paid orders of the cohort in that month'),
  revenue NUMERIC NOT NULL OPTIONS (description = "Revenue of the cohort in that month, as the dashboard's: of paid orders, less what was paid back"),
  cumulative_revenue NUMERIC NOT NULL OPTIONS (description = 'Revenue of the cohort up to the end of that month'),
  revenue_per_customer NUMERIC NOT NULL OPTIONS (description = 'cumulative_revenue by customers, to two decimals')
)
PARTITION BY report_date
CLUSTER BY position
OPTIONS (description = 'Daily report: whether customers came back, and what they brought, by the month of their first paid order');
