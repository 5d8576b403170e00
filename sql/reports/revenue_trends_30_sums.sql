-- Grain: one row per day, level, region and category with orders; an order counts once in each.
-- The levels are sums of days by region and category: an order is of
-- one region, so it is in no two rows of a category; in those of its categories its first line stands once.
-- The revenue of the total and of regions is that of whole orders, that of categories that of lines.
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

summed AS (
  SELECT
    n.order_date,
    n.shown_region,
    n.shown_category,
    LOGICAL_OR(n.is_folded) AS is_folded,
    SUM(n.orders) AS orders,
    SUM(n.first_lines) AS first_lines,
    SUM(n.units) AS units,
    SUM(n.line_revenue) AS line_revenue,
    SUM(n.completed_line_revenue) AS completed_line_revenue,
    SUM(n.order_revenue) AS order_revenue,
    SUM(n.completed_order_revenue) AS completed_order_revenue
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
