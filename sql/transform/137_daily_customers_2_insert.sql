-- Grain: one row per touched day, customer and tier, computed from all the day's facts.
-- An order counts once, by its first line; that of a guest is in none.
-- Run by the aggregator in its transaction, after the days are removed; by provisioning for what an earlier
-- release has loaded.
-- @when replacing, repairs
-- @param now TIMESTAMP
-- @param touched_dates ARRAY<DATE>
INSERT INTO agg_daily_customers (order_date, customer_id, customer_tier, updated_at, orders, headline_revenue, completed_revenue, paid_orders, paid_revenue)
SELECT
  f.order_date, f.customer_id, f.customer_tier,
  @now AS updated_at,
  -- @include daily_customer_figures
FROM fact_orders AS f
WHERE
  f.order_date IN UNNEST(@touched_dates)
  AND f.order_date IN (SELECT t.order_date FROM touched_days AS t)
  AND f.line_number = 1
  AND f.customer_id IS NOT NULL
GROUP BY f.order_date, f.customer_id, f.customer_tier;
