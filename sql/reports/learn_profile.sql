-- Grain: one row per day that the profile of a date is compared with, the same weekdays of the four weeks before, that has no
-- profile of all of the day.
-- Reads only; run by the reporter's daily run, before the report's transaction, whose partitions are pruned by
-- literals alone. It reads the runs of four days.
-- @param weekdays ARRAY<STRUCT<days_before INT64, day_start TIMESTAMP, day_end TIMESTAMP>>
-- @param report_date DATE
SELECT DATE_SUB(@report_date, INTERVAL w.days_before DAY) AS day
FROM UNNEST(@weekdays) AS w
LEFT JOIN report_runs AS r
  ON
    r.report_date BETWEEN DATE_SUB(@report_date, INTERVAL 28 DAY) AND DATE_SUB(@report_date, INTERVAL 7 DAY)
    AND r.report_date = DATE_SUB(@report_date, INTERVAL w.days_before DAY)
    AND r.report = 'profile'
    AND r.data_through >= w.day_end
WHERE w.days_before BETWEEN 7 AND 28 AND r.report IS NULL
ORDER BY day;
