-- Grain: one row per day whose aggregates are computed anew, of those that have facts or aggregates.
-- Run by provisioning, as the first statement of a transaction whose others are those by which the aggregator
-- restates days.
-- @param touched_dates ARRAY<DATE>
CREATE TEMP TABLE touched_days AS
SELECT f.order_date FROM fact_orders AS f WHERE f.order_date IN UNNEST(@touched_dates)
UNION DISTINCT
SELECT a.order_date FROM agg_daily_orders AS a WHERE a.order_date IN UNNEST(@touched_dates)
UNION DISTINCT
SELECT a.order_date FROM agg_daily_products AS a WHERE a.order_date IN UNNEST(@touched_dates)
UNION DISTINCT
SELECT a.order_date FROM agg_daily_customers AS a WHERE a.order_date IN UNNEST(@touched_dates)
UNION DISTINCT
SELECT a.order_date FROM agg_daily_files AS a WHERE a.order_date IN UNNEST(@touched_dates);
