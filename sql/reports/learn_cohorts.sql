-- Grain: one row per day of the 90 up to the report date with orders, whose orders or their earlier versions are not those
-- that the report of the day before has counted; all of them if there is none.
-- Reads only; run by the reporter's daily run, before the report's transaction, whose partitions are pruned by
-- literals alone. It reads small columns, no facts.
-- @param report_date DATE
WITH marks AS (
  -- @include order_day_marks
),

counted AS (
  SELECT
    t.order_date,
    MAX(IF(t.step IN ('placed', 'versions'), t.restated_at, NULL)) AS restated_at,
    SUM(IF(t.step = 'placed', t.orders, 0)) AS orders,
    SUM(IF(t.step = 'versions', t.orders, 0)) AS versions
  FROM report_order_times AS t
  WHERE t.report_date BETWEEN DATE_SUB(@report_date, INTERVAL 1 DAY) AND DATE_SUB(@report_date, INTERVAL 1 DAY)
  GROUP BY t.order_date
)

SELECT m.order_date AS day
FROM marks AS m
LEFT JOIN counted AS c ON c.order_date = m.order_date
WHERE
  c.order_date IS NULL
  OR m.restated_at IS DISTINCT FROM c.restated_at
  OR m.orders != c.orders
  OR m.versions != c.versions
ORDER BY day;
