-- Grain: one row per date and customer whose last order lies CHURN_AFTER_DAYS or more before the date, or who is
-- more likely gone than not.
-- Written by the reporter's daily run, which replaces a date as a whole.
CREATE TABLE report_churn_risk (
  report_date DATE NOT NULL OPTIONS (description = "The day of the shop's clock that the report closes with"),
  position INT64 NOT NULL OPTIONS (description = 'Place in the report, from 1: those who came back before one-time buyers, most value at risk first'),
  customer_id STRING NOT NULL OPTIONS (description = 'The customer'),
  customer_name STRING OPTIONS (description = 'Full name; personal data; NULL for a customer whom no catalog names'),
  customer_tier STRING NOT NULL OPTIONS (description = 'Loyalty tier; none for a customer without one, unknown for a customer whom no catalog names'),
  first_order_date DATE NOT NULL OPTIONS (description = 'Day of the first order'),
  last_order_date DATE NOT NULL OPTIONS (description = 'Day of the last order'),
  days_since_last_order INT64 NOT NULL OPTIONS (description = 'Days from the last order to the report date'),
  orders INT64 NOT NULL OPTIONS (description = 'Orders up to the report date, whatever their payment status'),
  order_days INT64 NOT NULL OPTIONS (description = 'Days with an order'),
  lifetime_value NUMERIC NOT NULL OPTIONS (description = 'What these orders brought or may still bring: total_amount less refunded_amount, without failed and cancelled ones'),
  completed_value NUMERIC NOT NULL OPTIONS (description = 'Sum of total_amount of the orders that are completed'),
  usual_interval_days NUMERIC OPTIONS (description = 'Median of the days between consecutive order days; NULL with one order day'),
  expected_interval_days NUMERIC NOT NULL OPTIONS (description = '(usual_interval_days x (order_days - 1) + the median of all customers that came back) / order_days; CHURN_AFTER_DAYS stands for the median if nobody did'),
  risk_score NUMERIC NOT NULL OPTIONS (description = 'Probability that the customer buys no more, by MBG/CNBD-k with the parameters in report_runs, 4 decimals'),
  risk_level STRING NOT NULL OPTIONS (description = 'high from 0.8, medium from 0.5, else low'),
  segment STRING OPTIONS (description = 'repeat, or one_time for a customer with one order day; NULL in reports of an earlier release'),
  expected_order_days NUMERIC OPTIONS (description = 'Days with an order in the next CHURN_VALUE_DAYS, had the customer stayed; 4 decimals'),
  expected_value NUMERIC OPTIONS (description = 'lifetime_value / order_days x expected_order_days, to the cent'),
  value_at_risk NUMERIC OPTIONS (description = 'risk_score x expected_value, to the cent')
)
PARTITION BY report_date
CLUSTER BY position
OPTIONS (description = 'Daily report: customers who may be gone, by the value that goes with them');
