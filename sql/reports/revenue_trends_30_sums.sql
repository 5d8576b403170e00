-- Grain: one row per day, level, region and category with orders; an order counts once in each.
-- The levels are sums of days by region and category: an order is of one region, so it is in no two rows of a category.
-- Orders and revenue of the total and of regions are those of whole orders, those of categories of lines.
-- It ends the transaction if more categories have appeared since the days of reports/learn_revenue_trends were asked:
-- made again, the report is right.
-- Run by the reporter's daily run, in the report's transaction.
-- @param report_date DATE
-- @param folded_dates ARRAY<DATE>
CREATE TEMP TABLE trend_sums AS
WITH named AS (
  SELECT
    l.order_date,
    COALESCE(r.region, '(other)') AS shown_region,
    COALESCE(c.category, '(other)') AS shown_category,
    c.category IS NULL AS is_folded,
    l.orders,
    l.units,
    l.line_revenue,
    l.completed_line_revenue
  FROM trend_lines AS l
  LEFT JOIN trend_regions AS r ON r.region = l.region
  LEFT JOIN trend_categories AS c ON c.category = l.category
),

summed AS (
  SELECT
    n.order_date,
    n.shown_region,
    n.shown_category,
    LOGICAL_OR(n.is_folded) AS is_folded,
    SUM(n.orders) AS orders,
    SUM(n.units) AS units,
    SUM(n.line_revenue) AS line_revenue,
    SUM(n.completed_line_revenue) AS completed_line_revenue
  FROM named AS n
  GROUP BY n.order_date, n.shown_region, n.shown_category
),

finest AS (
  SELECT
    s.* EXCEPT (orders, is_folded),
    CASE
      WHEN NOT s.is_folded THEN s.orders
      WHEN s.order_date IN UNNEST(@folded_dates) THEN o.orders
      -- Categories that sold before the 90 days alone are in no series that is shown.
      WHEN s.order_date > DATE_SUB(@report_date, INTERVAL 90 DAY) THEN ERROR('more_categories')
      ELSE s.orders
    END AS orders
  FROM summed AS s
  LEFT JOIN trend_others AS o ON o.order_date = s.order_date AND o.shown_region = s.shown_region
),

-- Units are those of lines at every level; what is counted by whole orders has none of its own.
leveled AS (
  SELECT
    f.order_date,
    level,
    IF(level IN ('region', 'region_category'), f.shown_region, NULL) AS region,
    IF(level IN ('category', 'region_category'), f.shown_category, NULL) AS category,
    IF(level IN ('total', 'region'), 0, f.orders) AS orders,
    f.units,
    IF(level IN ('total', 'region'), NUMERIC '0', f.line_revenue) AS revenue,
    IF(level IN ('total', 'region'), NUMERIC '0', f.completed_line_revenue) AS completed_revenue
  FROM finest AS f
  CROSS JOIN UNNEST(['total', 'region', 'category', 'region_category']) AS level
  UNION ALL
  SELECT
    p.order_date,
    level,
    IF(level = 'region', COALESCE(r.region, '(other)'), NULL),
    CAST(NULL AS STRING),
    p.orders,
    0,
    p.revenue,
    p.completed_revenue
  FROM trend_places AS p
  LEFT JOIN trend_regions AS r ON r.region = p.region
  CROSS JOIN UNNEST(['total', 'region']) AS level
)

SELECT
  l.order_date,
  l.level,
  l.region,
  l.category,
  SUM(l.orders) AS orders,
  SUM(l.units) AS units,
  SUM(l.revenue) AS revenue,
  SUM(l.completed_revenue) AS completed_revenue
FROM leveled AS l
GROUP BY l.order_date, l.level, l.region, l.category;
