-- Grain: one row per day of the 90 up to the report date and time for which orders of it have been pending: since the end of the
-- hour in which they were placed, until the end of the date.
-- Run by the reporter's daily run, in the report's transaction. It reads the hours' aggregates.
-- @param report_date DATE
-- @param data_through TIMESTAMP
INSERT INTO report_order_times (report_date, order_date, step, seconds, orders, restated_at)
WITH hours AS (
  SELECT
    COALESCE(h.order_date, DATE(h.metric_hour)) AS order_date,
    GREATEST(TIMESTAMP_DIFF(@data_through, h.metric_hour, SECOND) - 3600, 0) AS took,
    h.pending_orders AS orders
  FROM agg_hourly_metrics AS h
  WHERE
    h.metric_hour >= TIMESTAMP(DATE_SUB(@report_date, INTERVAL 90 DAY)) AND h.metric_hour < TIMESTAMP(DATE_ADD(@report_date, INTERVAL 2 DAY))
    AND COALESCE(h.order_date, DATE(h.metric_hour)) BETWEEN DATE_SUB(@report_date, INTERVAL 89 DAY) AND @report_date
    AND h.pending_orders > 0
),

rounded AS (
  SELECT
    t.order_date,
    -- @include step_seconds
    AS seconds,
    t.orders
  FROM hours AS t
)

SELECT @report_date, r.order_date, 'pending', r.seconds, SUM(r.orders), @data_through
FROM rounded AS r
GROUP BY r.order_date, r.seconds;
