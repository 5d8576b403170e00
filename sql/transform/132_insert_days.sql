-- Grain: one row per touched day and category, computed from all the day's facts.
-- Run by the aggregator in its transaction, after the days are removed.
-- @when replacing, repairs
-- @param now TIMESTAMP
-- @param touched_dates ARRAY<DATE>
INSERT INTO agg_category_revenue (
  metric_date, category, orders, updated_at, units, revenue, completed_revenue, headline_revenue, paid_revenue
)
SELECT
  f.order_date,
  f.category,
  COUNT(DISTINCT f.order_id) AS orders,
  @now AS updated_at,
  -- @include day_figures
FROM fact_orders AS f
WHERE
  f.order_date IN UNNEST(@touched_dates)
  AND f.order_date IN (SELECT t.order_date FROM touched_days AS t)
GROUP BY f.order_date, f.category;
