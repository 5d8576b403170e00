-- Grain: one row per product, as dim_products showed it before the batch.
-- Run by the aggregator in its transaction, before the dimension is merged.
-- @when products
CREATE TEMP TABLE products_before AS
SELECT d.*
FROM dim_products AS d;
