-- From where an order is followed: the day of the version that counts, or of the last one that did, and the days on which its files
-- landed, which bound what is read of staging.
-- Grain: one row; none if no file has brought the order. An order of which every record was refused or left out has the first of 1970 for days.
-- Run by the reporter; reads only.
-- @param order_id STRING
WITH versions AS (
  -- @include order_versions
),

landed AS (
  SELECT v.order_date, v.outcome, DATE(l.landed_at) AS landed_date
  FROM versions AS v
  LEFT JOIN file_ledger AS l
    ON l.file_id = v.file_id
),

known AS (
  SELECT
    COUNT(*) AS versions, MAX(IF(d.outcome = 'current', d.order_date, NULL)) AS counting_date, MAX(d.order_date) AS latest_date,
    MIN(d.landed_date) AS first_landed, MAX(d.landed_date) AS last_landed
  FROM landed AS d
),

found AS (
  SELECT COUNT(*) AS findings
  FROM data_quality_checks AS c
  WHERE c.order_id = @order_id
)

SELECT
  COALESCE(k.counting_date, k.latest_date, DATE(1970, 1, 1)) AS order_date,
  COALESCE(k.first_landed, DATE(1970, 1, 1)) AS first_landed,
  COALESCE(k.last_landed, DATE(1970, 1, 1)) AS last_landed
FROM known AS k
CROSS JOIN found AS f
WHERE k.versions > 0 OR f.findings > 0;
