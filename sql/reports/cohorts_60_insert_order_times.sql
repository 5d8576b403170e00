-- Grain: one row per day, step of an order's life and time that it took, of the days that have changed since the report of
-- the day before.
-- The times are those of the versions that the source sent (updated_at) of an order with the same day: of an order that
-- is paid until the first version that is completed, of one that was paid back until the first that is. Who sends no
-- time is in neither. What a clock has before the order was placed is no time at all.
-- Run by the reporter's daily run, in the report's transaction. It reads six columns of those days' facts and
-- of the earlier versions four, one of them the whole version.
-- @param report_date DATE
-- @param life_dates ARRAY<DATE>
INSERT INTO report_order_times (report_date, order_date, step, seconds, orders, restated_at)
WITH marks AS (
  -- @include order_day_marks
),

standing AS (
  SELECT f.order_id, f.order_date, f.order_timestamp, f.payment_status, f.updated_at
  FROM fact_orders AS f
  WHERE f.order_date IN UNNEST(@life_dates) AND f.line_number = 1
),

told AS (
  SELECT v.order_id, v.order_date, v.payment_status, v.updated_at
  FROM standing AS v
  UNION ALL
  SELECT h.order_id, h.order_date, JSON_VALUE(h.content, '$.payment_status'), h.updated_at
  FROM order_history AS h
  WHERE h.order_date IN UNNEST(@life_dates)
),

firsts AS (
  SELECT
    t.order_id,
    t.order_date,
    MIN(IF(t.payment_status = 'completed', t.updated_at, NULL)) AS completed_at,
    MIN(IF(t.payment_status IN ('refunded', 'partially_refunded'), t.updated_at, NULL)) AS refunded_at
  FROM told AS t
  GROUP BY t.order_id, t.order_date
),

steps AS (
  SELECT s.order_date, 'completed' AS step, TIMESTAMP_DIFF(i.completed_at, s.order_timestamp, SECOND) AS took
  FROM standing AS s
  JOIN firsts AS i ON i.order_id = s.order_id AND i.order_date = s.order_date
  WHERE s.payment_status IN ('completed', 'partially_refunded', 'refunded') AND i.completed_at IS NOT NULL
  UNION ALL
  SELECT s.order_date, 'refunded', TIMESTAMP_DIFF(i.refunded_at, s.order_timestamp, SECOND)
  FROM standing AS s
  JOIN firsts AS i ON i.order_id = s.order_id AND i.order_date = s.order_date
  WHERE s.payment_status IN ('refunded', 'partially_refunded') AND i.refunded_at IS NOT NULL
),

taken AS (
  SELECT s.order_date, s.step, GREATEST(s.took, 0) AS took
  FROM steps AS s
),

all_rows AS (
  SELECT
    t.order_date,
    t.step,
    -- @include step_seconds
    AS seconds,
    1 AS orders
  FROM taken AS t
  UNION ALL
  SELECT m.order_date, 'placed', 0, m.orders
  FROM marks AS m
  UNION ALL
  SELECT m.order_date, 'versions', 0, m.versions
  FROM marks AS m
)

SELECT @report_date, a.order_date, a.step, a.seconds, SUM(a.orders), ANY_VALUE(m.restated_at)
FROM all_rows AS a
JOIN marks AS m ON m.order_date = a.order_date
WHERE a.order_date IN UNNEST(@life_dates)
GROUP BY a.order_date, a.step, a.seconds;
