-- Removes the hours that are about to be computed anew, so that no stale row is left.
-- Run by the aggregator in its transaction.
-- @param order_dates ARRAY<DATE>
DELETE FROM agg_hourly_metrics AS a
WHERE
  DATE(a.metric_hour) IN UNNEST(@order_dates)
  AND a.metric_hour IN (SELECT t.metric_hour FROM touched_hours AS t);
