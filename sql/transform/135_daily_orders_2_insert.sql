-- Grain: one row per touched day, tier, payment status and place, computed from all the day's facts.
-- An order counts once, by its first line.
-- Run by the aggregator in its transaction, after the days are removed; by provisioning for what an earlier
-- release has loaded.
-- @when replacing, repairs
-- @param now TIMESTAMP
-- @param touched_dates ARRAY<DATE>
INSERT INTO agg_daily_orders (order_date, customer_tier, payment_status, region, state, country, updated_at, orders, total_revenue, refunded_revenue, paid_revenue)
SELECT
  f.order_date, f.customer_tier, f.payment_status, f.region, f.state, f.country,
  @now AS updated_at,
  -- @include daily_order_figures
FROM fact_orders AS f
WHERE
  f.order_date IN UNNEST(@touched_dates)
  AND f.order_date IN (SELECT t.order_date FROM touched_days AS t)
  AND f.line_number = 1
GROUP BY f.order_date, f.customer_tier, f.payment_status, f.region, f.state, f.country;
