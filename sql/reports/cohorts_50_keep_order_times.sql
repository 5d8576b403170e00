-- Grain: one row per day, step and time of the report of the day before, of the days that have not changed since: what
-- those orders did is as it was. What is pending waits for longer by now.
-- Run by the reporter's daily run, in the report's transaction.
-- @param report_date DATE
-- @param life_dates ARRAY<DATE>
INSERT INTO report_order_times (report_date, order_date, step, seconds, orders, restated_at)
WITH marks AS (
  -- @include order_day_marks
)

SELECT @report_date, t.order_date, t.step, t.seconds, t.orders, t.restated_at
FROM report_order_times AS t
JOIN marks AS m ON m.order_date = t.order_date
WHERE
  t.report_date BETWEEN DATE_SUB(@report_date, INTERVAL 1 DAY) AND DATE_SUB(@report_date, INTERVAL 1 DAY)
  AND t.step != 'pending'
  AND t.order_date NOT IN UNNEST(@life_dates);
