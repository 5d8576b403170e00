-- Grain: one row per date and customer whose last order lies CHURN_AFTER_DAYS or more before the date.
-- Written by the reporter's daily run, which replaces a date as a whole.
CREATE TABLE report_churn_risk (
  report_date DATE NOT NULL OPTIONS (description = "The day of the shop's clock that the report closes with"),
  position INT64 NOT NULL OPTIONS (description = 'Place in the report, from 1: highest risk first'),
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
  risk_score NUMERIC NOT NULL OPTIONS (description = 'days_since_last_order / (days_since_last_order + expected_interval_days), 4 decimals; 0.5 at one such interval, 0.8 at four'),
  risk_level STRING NOT NULL OPTIONS (description = 'high from 0.8, medium from 0.5, else low')
)
PARTITION BY report_date
CLUSTER BY position
OPTIONS (description = 'Daily report: customers who stay away longer than they used to');
