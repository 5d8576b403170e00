-- Grain: one row per day and file whose orders of that day stand in fact_orders; always equal to a
-- recomputation from fact_orders.
CREATE TABLE agg_daily_files (
  order_date DATE NOT NULL OPTIONS (description = "Day of the orders on the shop's clock"),
  file_id STRING NOT NULL OPTIONS (description = 'File that the orders came from'),
  orders INT64 NOT NULL OPTIONS (description = 'Orders that stand'),
  order_lines INT64 NOT NULL OPTIONS (description = 'Their order lines'),
  loaded_at TIMESTAMP NOT NULL OPTIONS (description = 'When the newest of them was written'),
  updated_at TIMESTAMP NOT NULL OPTIONS (description = 'When the row was written')
)
PARTITION BY order_date
OPTIONS (description = 'Orders per day and file');
