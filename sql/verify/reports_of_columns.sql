-- Grain: one row per date and column, or table, of whose profile figures contradict each other: a table whose columns count
-- different rows, more filled values than rows, more different values than filled ones, or a value of personal data that is shown.
-- Run by whoever verifies the warehouse; it reads a whole table and changes nothing.
WITH tables AS (
  SELECT r.report_date, r.table_name
  FROM report_profile AS r
  GROUP BY r.report_date, r.table_name
  HAVING MIN(r.row_count) != MAX(r.row_count)
),

faults AS (
  SELECT
    r.report_date,
    r.table_name,
    r.column_name,
    CASE
      WHEN r.filled > r.row_count OR r.filled < 0 THEN 'more values of {} are filled than there are rows'
      WHEN r.distinct_values > r.filled OR (r.filled > 0) != (r.distinct_values > 0) THEN 'more values of {} are different than filled, or none'
      WHEN r.is_personal AND COALESCE(r.smallest, r.largest, r.p50, r.top_values) IS NOT NULL THEN 'a value of {} is shown'
    END AS fault
  FROM report_profile AS r
)

SELECT CONCAT('report profile of ', CAST(t.report_date AS STRING), ': the columns of ', t.table_name, ' count different rows') AS detail
FROM tables AS t
UNION ALL
SELECT CONCAT('report profile of ', CAST(f.report_date AS STRING), ': ', REPLACE(f.fault, '{}', CONCAT(f.table_name, '.', f.column_name)))
FROM faults AS f
WHERE f.fault IS NOT NULL;
