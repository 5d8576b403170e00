-- What was unusual on the day of a report, grouped by cause: the causes by what they are worth, the first of each
-- the one that is worth most.
-- Grain: one row per series whose revenue of the day was unusual.
-- The shop as a whole is the cause where it is unusual itself and no category or region makes up half of that: then
-- everything that is unusual in the same direction belongs to it. Otherwise a category is a cause, and so is a
-- region, unless one such category makes up half of what is unusual there; what is unusual in both belongs to the
-- category. Categories come before regions, since what is sold explains more than where to.
-- Reads only; run by the reporter.
-- @param report_date DATE
-- @param page_size INT64
WITH unusual AS (
  SELECT
    r.position, r.level, r.region, r.category, r.orders, r.revenue, r.expected_revenue, r.anomaly,
    r.revenue - r.expected_revenue AS difference
  FROM report_revenue_trends AS r
  WHERE r.report_date = @report_date AND r.granularity = 'day' AND r.period_start = @report_date AND r.anomaly IS NOT NULL
),

whole AS (
  SELECT u.anomaly, u.difference
  FROM unusual AS u
  WHERE u.level = 'total'
),

-- The one series that makes up half of what is unusual in the whole, if there is one.
chief AS (
  SELECT u.anomaly, u.level, u.region, u.category
  FROM unusual AS u
  JOIN whole AS w ON w.anomaly = u.anomaly
  WHERE u.level IN ('category', 'region') AND 2 * ABS(u.difference) >= ABS(w.difference)
  QUALIFY ROW_NUMBER() OVER (ORDER BY u.level, ABS(u.difference) DESC, u.position) = 1
),

-- The category that makes up half of what is unusual in a region.
explained AS (
  SELECT r.region, c.category
  FROM unusual AS r
  JOIN unusual AS p ON p.region = r.region AND p.anomaly = r.anomaly
  JOIN unusual AS c ON c.category = p.category AND c.anomaly = r.anomaly
  WHERE r.level = 'region' AND p.level = 'region_category' AND c.level = 'category' AND 2 * ABS(p.difference) >= ABS(r.difference)
  QUALIFY ROW_NUMBER() OVER (PARTITION BY r.region ORDER BY ABS(p.difference) DESC, p.position) = 1
),

caused AS (
  SELECT
    u.*,
    CASE
      WHEN w.anomaly IS NOT NULL AND h.anomaly IS NULL THEN 'total'
      WHEN u.level = 'total' THEN h.level
      WHEN u.level = 'category' OR e.category IS NOT NULL OR c.category IS NOT NULL THEN 'category'
      WHEN u.level = 'region' OR g.region IS NOT NULL THEN 'region'
      ELSE 'region_category'
    END AS cause_level,
    IF(u.level = 'total', h.region, u.region) AS own_region,
    CASE WHEN u.level = 'total' THEN h.category WHEN u.level = 'region' THEN e.category ELSE u.category END AS own_category
  FROM unusual AS u
  LEFT JOIN whole AS w ON w.anomaly = u.anomaly
  LEFT JOIN chief AS h ON h.anomaly = u.anomaly
  LEFT JOIN explained AS e ON u.level = 'region' AND e.region = u.region
  LEFT JOIN unusual AS c ON u.level = 'region_category' AND c.level = 'category' AND c.category = u.category AND c.anomaly = u.anomaly
  LEFT JOIN unusual AS g ON u.level = 'region_category' AND g.level = 'region' AND g.region = u.region AND g.anomaly = u.anomaly
),

named AS (
  SELECT
    c.* EXCEPT (own_region, own_category),
    IF(c.cause_level IN ('region', 'region_category'), c.own_region, NULL) AS cause_region,
    IF(c.cause_level IN ('category', 'region_category'), c.own_category, NULL) AS cause_category
  FROM caused AS c
),

sized AS (
  SELECT
    n.*,
    MAX(ABS(n.difference)) OVER (PARTITION BY n.anomaly, n.cause_level, n.cause_region, n.cause_category) AS cause_size
  FROM named AS n
)

SELECT
  s.cause_level, s.cause_region, s.cause_category, s.level, s.region, s.category,
  s.orders, s.revenue, s.expected_revenue, s.difference, s.anomaly
FROM sized AS s
ORDER BY s.cause_size DESC, s.anomaly, s.cause_level, s.cause_region, s.cause_category, ABS(s.difference) DESC, s.position
LIMIT @page_size;
