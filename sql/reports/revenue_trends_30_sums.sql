-- Grain: one row per day, level, region and category with orders; an order counts once in each.
-- Run by the reporter's daily run, in the report's transaction.
CREATE TEMP TABLE trend_sums AS
WITH named AS (
  SELECT
    l.order_date,
    l.order_id,
    COALESCE(r.region, '(other)') AS shown_region,
    COALESCE(c.category, '(other)') AS shown_category,
    l.units,
    l.revenue,
    l.completed_revenue
  FROM trend_lines AS l
  LEFT JOIN trend_regions AS r ON r.region = l.region
  LEFT JOIN trend_categories AS c ON c.category = l.category
),

leveled AS (
  SELECT
    n.*,
    level,
    IF(level IN ('region', 'region_category'), n.shown_region, NULL) AS region,
    IF(level IN ('category', 'region_category'), n.shown_category, NULL) AS category
  FROM named AS n
  CROSS JOIN UNNEST(['total', 'region', 'category', 'region_category']) AS level
)

SELECT
  l.order_date,
  l.level,
  l.region,
  l.category,
  COUNT(DISTINCT l.order_id) AS orders,
  SUM(l.units) AS units,
  SUM(l.revenue) AS revenue,
  SUM(l.completed_revenue) AS completed_revenue
FROM leveled AS l
GROUP BY l.order_date, l.level, l.region, l.category;
