-- Grain: one row per day and region with orders of categories that the report shows as others, or of one that is called
-- so: an order of several of them counts once. The ids of orders tell it, so they are read only if there are too many
-- categories, for which reports/learn_revenue_trends gives the days; otherwise there are no such rows.
-- Run by the reporter's daily run, in the report's transaction.
-- @param folded_dates ARRAY<DATE>
CREATE TEMP TABLE trend_others AS
WITH others AS (
  SELECT DISTINCT f.order_date, COALESCE(r.region, '(other)') AS shown_region, f.order_id
  FROM fact_orders AS f
  LEFT JOIN trend_regions AS r ON r.region = f.region
  LEFT JOIN trend_categories AS c ON c.category = f.category
  WHERE f.order_date IN UNNEST(@folded_dates) AND (c.category IS NULL OR c.category = '(other)')
)

SELECT o.order_date, o.shown_region, COUNT(*) AS orders
FROM others AS o
GROUP BY o.order_date, o.shown_region;
