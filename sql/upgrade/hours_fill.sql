-- Gives the hours of an earlier release the figures that it did not know, computed from their facts.
-- An hour without a day is of a release that knew UTC only.
-- Run by provisioning, after the facts have been brought along; an hour that has them is not touched again.
UPDATE agg_hourly_metrics AS a
SET
  other_orders = c.other_orders,
  refunded_orders = c.refunded_orders,
  partially_refunded_orders = c.partially_refunded_orders,
  cancelled_orders = c.cancelled_orders,
  refunded_revenue = c.refunded_revenue,
  net_revenue = c.net_revenue,
  failed_revenue = c.failed_revenue,
  cancelled_revenue = c.cancelled_revenue,
  headline_revenue = c.headline_revenue,
  order_date = c.order_date,
  paid_revenue = c.paid_revenue
FROM (
  SELECT
    TIMESTAMP_ADD(TIMESTAMP(f.order_date), INTERVAL (f.order_hour * 3600 - COALESCE(f.utc_offset_seconds, 0)) SECOND) AS metric_hour,
    f.order_date,
    -- @include hour_figures
  FROM fact_orders AS f
  WHERE f.line_number = 1
  GROUP BY metric_hour, f.order_date
) AS c
WHERE
  (a.headline_revenue IS NULL OR a.order_date IS NULL OR a.paid_revenue IS NULL)
  AND c.metric_hour = a.metric_hour
  AND c.order_date = COALESCE(a.order_date, DATE(a.metric_hour));
