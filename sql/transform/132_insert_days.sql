-- Grain: one row per touched day and category, computed from all the day's facts.
-- Run by the aggregator in its transaction, after the days are removed.
-- @when replacing, repairs
-- @param now TIMESTAMP
-- @param touched_dates ARRAY<DATE>
INSERT INTO agg_category_revenue (
  metric_date, category, orders, units, revenue, completed_revenue, updated_at, headline_revenue, paid_revenue
)
SELECT
  f.order_date,
  f.category,
  COUNT(DISTINCT f.order_id),
  SUM(f.quantity),
  SUM(f.line_total),
  SUM(IF(f.payment_status = 'completed', f.line_total, NUMERIC '0')),
  @now,
  SUM(IF(f.payment_status IN ('failed', 'cancelled'), NUMERIC '0', f.line_total)),
  SUM(IF(f.payment_status IN ('completed', 'partially_refunded'), f.line_total, NUMERIC '0'))
FROM fact_orders AS f
WHERE
  f.order_date IN UNNEST(@touched_dates)
  AND f.order_date IN (SELECT t.order_date FROM touched_days AS t)
GROUP BY f.order_date, f.category;
