-- Grain: one row per day and series of order ids. The ids of order_keys of that day lie in the ranges of that day:
-- one that lies in none is of no order of the day. Most shops number their orders, so that
-- an id is looked for on few days. A range is never made narrower: what it tells is where to look.
CREATE TABLE order_id_ranges (
  order_date DATE NOT NULL OPTIONS (description = "Day of the orders on the shop's clock"),
  series STRING NOT NULL OPTIONS (description = 'What ids have before their number, as ORD- in ORD-1001; * for ids that are not of that form, or of too many series'),
  first_id STRING NOT NULL OPTIONS (description = 'The first number, in 18 digits; of * the first id'),
  last_id STRING NOT NULL OPTIONS (description = 'The last number, in 18 digits; of * the last id')
)
CLUSTER BY order_date
OPTIONS (description = 'On which days an order id may stand, for deduplication');
