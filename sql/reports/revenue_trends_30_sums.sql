-- Grain: one row per day, level, region and category with orders; an order counts once in each.
-- Orders are told apart once, by day, region and category. The levels are sums of that: an order is of
-- one region, so it is in no two rows of a category; in those of its categories its first line stands once.
-- The revenue of the total and of regions is that of whole orders, that of categories that of lines.
-- Run by the reporter's daily run, in the report's transaction.
CREATE TEMP TABLE trend_sums AS
WITH named AS (
  SELECT
    l.order_date,
    l.order_id,
    COALESCE(r.region, '(other)') AS shown_region,
    COALESCE(c.category, '(other)') AS shown_category,
    l.first_lines,
    l.units,
    l.line_revenue,
    l.completed_line_revenue,
    l.order_revenue,
    l.completed_order_revenue
  FROM trend_lines AS l
  LEFT JOIN trend_regions AS r ON r.region = l.region
  LEFT JOIN trend_categories AS c ON c.category = l.category
),

finest AS (
  SELECT
    n.order_date,
    n.shown_region,
    n.shown_category,
    COUNT(DISTINCT n.order_id) AS orders,
    SUM(n.first_lines) AS first_lines,
    SUM(n.units) AS units,
    SUM(n.line_revenue) AS line_revenue,
    SUM(n.completed_line_revenue) AS completed_line_revenue,
    SUM(n.order_revenue) AS order_revenue,
    SUM(n.completed_order_revenue) AS completed_order_revenue
  FROM named AS n
  GROUP BY n.order_date, n.shown_region, n.shown_category
),

leveled AS (
  SELECT
    f.*,
    level,
    IF(level IN ('region', 'region_category'), f.shown_region, NULL) AS region,
    IF(level IN ('category', 'region_category'), f.shown_category, NULL) AS category
  FROM finest AS f
  CROSS JOIN UNNEST(['total', 'region', 'category', 'region_category']) AS level
)

SELECT
  l.order_date,
  l.level,
  l.region,
  l.category,
  SUM(IF(l.level IN ('total', 'region'), l.first_lines, l.orders)) AS orders,
  SUM(l.units) AS units,
  SUM(IF(l.level IN ('total', 'region'), l.order_revenue, l.line_revenue)) AS revenue,
  SUM(IF(l.level IN ('total', 'region'), l.completed_order_revenue, l.completed_line_revenue)) AS completed_revenue
FROM leveled AS l
GROUP BY l.order_date, l.level, l.region, l.category;
