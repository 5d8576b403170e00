-- Removes the days of agg_daily_orders that are about to be computed anew, so that no stale row is left.
-- Run by the aggregator in its transaction; by provisioning for what an earlier release has loaded.
-- @when replacing, repairs
-- @param touched_dates ARRAY<DATE>
DELETE FROM agg_daily_orders AS a
WHERE
  a.order_date IN UNNEST(@touched_dates)
  AND a.order_date IN (SELECT t.order_date FROM touched_days AS t);
