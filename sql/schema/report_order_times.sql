-- Grain: one row per date, day of orders, step of an order's life and time that it took; and per date and day
-- of orders one of the step placed and one of the step versions, which count the orders and the earlier versions.
-- Only the 90 days up to the date. Written by the reporter's daily run, with report_cohorts.
CREATE TABLE report_order_times (
  report_date DATE NOT NULL OPTIONS (description = "The day of the shop's clock that the report closes with"),
  order_date DATE NOT NULL OPTIONS (description = "Day of the orders on the shop's clock"),
  step STRING NOT NULL OPTIONS (description = 'placed, versions: what there is; completed: an order that is paid, until its first version that is completed; refunded: one that was paid back, in part or whole, until its first version that is; pending: one that still is, from the end of the hour in which it was placed until the end of the date'),
  seconds INT64 NOT NULL OPTIONS (description = 'Time that the step took, rounded down: to a minute below two hours, to an hour below 30 days, to a day from there on; 0 of placed and versions'),
  orders INT64 NOT NULL OPTIONS (description = 'Orders that took as long; of versions, these'),
  restated_at TIMESTAMP NOT NULL OPTIONS (description = 'When what the row was counted from was written; another night counts the day again if it is written anew')
)
PARTITION BY report_date
CLUSTER BY order_date
OPTIONS (description = "With report_cohorts: how long the steps of orders' lives took");
