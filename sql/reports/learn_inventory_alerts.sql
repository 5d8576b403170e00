-- Grain: one row per day of the 90 up to the report date whose orders may have been placed before or after a product's
-- catalog landed: those of the landing, which is in UTC, and of the days beside it. The last two days are among them
-- always, so that a catalog which lands before the report's transaction finds its days there.
-- Reads only; run by the reporter's daily run, before the report's transaction, whose partitions are pruned by
-- literals alone.
-- @param report_date DATE
WITH around AS (
  SELECT DISTINCT DATE_ADD(DATE(p.landed_at), INTERVAL days_after DAY) AS day
  FROM dim_products AS p
  CROSS JOIN UNNEST([-1, 0, 1]) AS days_after
  UNION DISTINCT
  SELECT day
  FROM UNNEST([@report_date, DATE_SUB(@report_date, INTERVAL 1 DAY)]) AS day
)

SELECT a.day
FROM around AS a
WHERE a.day BETWEEN DATE_SUB(@report_date, INTERVAL 89 DAY) AND @report_date;
