-- Grain: one row per customer, as dim_customers showed it before the batch.
-- Run by the aggregator in its transaction, before the dimension is merged.
-- @when customers
CREATE TEMP TABLE customers_before AS
SELECT d.*
FROM dim_customers AS d;
