-- Removes the hours that are about to be computed anew, so that no stale row is left. Partitions
-- are days of UTC: those of the hours that the batch's orders touch, and those around the shop's days of
-- what it replaces.
-- Run by the aggregator in its transaction.
-- @when replacing
-- @param hour_dates ARRAY<DATE>
DELETE FROM agg_hourly_metrics AS a
WHERE
  DATE(a.metric_hour) IN UNNEST(@hour_dates)
  AND EXISTS (
    SELECT 1
    FROM touched_hours AS t
    -- Rows of an earlier release have no day; theirs is UTC's.
    WHERE t.metric_hour = a.metric_hour AND t.order_date = COALESCE(a.order_date, DATE(a.metric_hour))
  );
