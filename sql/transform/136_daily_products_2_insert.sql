-- Grain: one row per touched day, product and payment status, computed from all the day's facts.
-- A line without a product is in none.
-- Run by the aggregator in its transaction, after the days are removed; by provisioning for what an earlier
-- release has loaded.
-- @when replacing, repairs
-- @param now TIMESTAMP
-- @param touched_dates ARRAY<DATE>
INSERT INTO agg_daily_products (order_date, product_id, payment_status, updated_at, product_name, category, order_lines, units, total_revenue)
SELECT
  f.order_date, f.product_id, f.payment_status,
  @now AS updated_at,
  -- @include daily_product_figures
FROM fact_orders AS f
WHERE
  f.order_date IN UNNEST(@touched_dates)
  AND f.order_date IN (SELECT t.order_date FROM touched_days AS t)
  AND f.product_id IS NOT NULL
GROUP BY f.order_date, f.product_id, f.payment_status;
