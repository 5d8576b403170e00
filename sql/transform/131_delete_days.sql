-- Removes the days that are about to be computed anew, so that no stale category is left.
-- Run by the aggregator in its transaction.
-- @when replacing, repairs
-- @param touched_dates ARRAY<DATE>
DELETE FROM agg_category_revenue AS a
WHERE
  a.metric_date IN UNNEST(@touched_dates)
  AND a.metric_date IN (SELECT t.order_date FROM touched_days AS t);
