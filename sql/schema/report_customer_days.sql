-- Grain: one row per date, day with paid orders, and day on which its customers had paid before (NULL: never); and per date
-- and day with paid orders of guests one for these. How many customers of any period are new, and how many came
-- back, is a sum of its rows: of each customer one day of the period has no earlier day in the period.
-- Written by the reporter's daily run, with report_cohorts.
CREATE TABLE report_customer_days (
  report_date DATE NOT NULL OPTIONS (description = "The day of the shop's clock that the report closes with"),
  order_date DATE NOT NULL OPTIONS (description = "Day of the orders on the shop's clock"),
  previous_date DATE OPTIONS (description = 'Day of the paid order before, of these customers; NULL for a first one'),
  is_guest BOOL NOT NULL OPTIONS (description = 'Whether the row is of guests, who are nobody that could come back'),
  customers INT64 NOT NULL OPTIONS (description = 'Customers; 0 for guests'),
  second_customers INT64 NOT NULL OPTIONS (description = 'Customers whose second paid order ever is of the day'),
  orders INT64 NOT NULL OPTIONS (description = 'Paid orders'),
  revenue NUMERIC NOT NULL OPTIONS (description = "Revenue, as the dashboard's: of paid orders, less what was paid back")
)
PARTITION BY report_date
CLUSTER BY order_date
OPTIONS (description = 'With report_cohorts: customers by day and by the day on which they paid before');
