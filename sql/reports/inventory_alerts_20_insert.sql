-- Grain: one row per product that sold in the 28 days up to the report date and whose stock covers
-- fewer than @cover_warning_days days of its demand, or that no catalog names. A product whose stock
-- the catalog does not give is none: nothing is known of its cover.
-- Demand is the higher of the daily sales over 7 and over 28 days, so that a rise counts at once and
-- a lull does not calm; over fewer days if the product has sold for fewer (it is new, or again on sale
-- after 90 days without), so that days before it was on sale do not dilute them. Orders that failed or were called
-- off sell nothing, and a line without a product takes nothing from the stock.
-- Stock is the catalog's of today, since the warehouse keeps no history of it, less what was ordered since
-- that catalog landed, as far back as 90 days: an older statement of stock is of no use.
-- The revenue at risk is that of the units that will be lacking in the next @cover_warning_days days, at the
-- average price of the last 28 days, if demand stays and nothing arrives. Comparisons are of whole numbers,
-- and each figure is rounded once.
-- Whole days are those of agg_daily_products; of the facts only the days around the catalogs' landing are read.
-- Run by the reporter's daily run, in the report's transaction.
-- @param report_date DATE
-- @param catalog_dates ARRAY<DATE>
-- @param cover_critical_days INT64
-- @param cover_warning_days INT64
INSERT INTO report_inventory_alerts (
  report_date, position, product_id, product_name, category, alert, severity, is_active, stock_level,
  units_7d, units_28d, units_per_day_7d, units_per_day_28d, demand_per_day, days_of_cover, revenue_28d,
  first_sale_date, units_since_catalog, stock_left, stock_out_date, revenue_at_risk
)
WITH days AS (
  SELECT
    a.product_id,
    MIN(a.order_date) AS first_sale_date,
    SUM(IF(a.order_date > DATE_SUB(@report_date, INTERVAL 7 DAY), a.units, 0)) AS units_7d,
    SUM(IF(a.order_date > DATE_SUB(@report_date, INTERVAL 28 DAY), a.units, 0)) AS units_28d,
    SUM(IF(a.order_date > DATE_SUB(@report_date, INTERVAL 28 DAY), a.total_revenue, NUMERIC '0')) AS revenue_28d,
    SUM(IF(a.order_date > DATE_ADD(DATE(p.landed_at), INTERVAL 1 DAY), a.units, 0)) AS units_since_catalog
  FROM agg_daily_products AS a
  LEFT JOIN dim_products AS p ON p.product_id = a.product_id
  WHERE
    a.order_date BETWEEN DATE_SUB(@report_date, INTERVAL 89 DAY) AND @report_date
    AND a.payment_status NOT IN ('failed', 'cancelled')
  GROUP BY a.product_id
),

-- The day on which a product's catalog landed and those beside it, which are of another clock, are in part before it.
catalog_days AS (
  SELECT f.product_id, SUM(f.quantity) AS units
  FROM fact_orders AS f
  JOIN dim_products AS p ON p.product_id = f.product_id
  WHERE
    f.order_date IN UNNEST(@catalog_dates)
    AND f.order_timestamp >= p.landed_at
    AND f.order_date <= DATE_ADD(DATE(p.landed_at), INTERVAL 1 DAY)
    AND f.payment_status NOT IN ('failed', 'cancelled')
  GROUP BY f.product_id
),

sold AS (
  SELECT d.* REPLACE (d.units_since_catalog + COALESCE(c.units, 0) AS units_since_catalog)
  FROM days AS d
  LEFT JOIN catalog_days AS c ON c.product_id = d.product_id
),

timed AS (
  SELECT
    s.*,
    LEAST(7, DATE_DIFF(@report_date, s.first_sale_date, DAY) + 1) AS days_7d,
    LEAST(28, DATE_DIFF(@report_date, s.first_sale_date, DAY) + 1) AS days_28d
  FROM sold AS s
  WHERE s.units_28d > 0
),

measured AS (
  SELECT
    t.*,
    p.product_id IS NOT NULL AS is_known,
    p.product_name,
    IF(p.product_id IS NULL, 'unknown', COALESCE(p.category, 'none')) AS category,
    p.is_active,
    p.stock_level,
    p.stock_level - t.units_since_catalog AS stock_left,
    CAST(t.units_7d AS NUMERIC) / t.days_7d AS units_per_day_7d,
    CAST(t.units_28d AS NUMERIC) / t.days_28d AS units_per_day_28d,
    -- The higher demand as units in so many days, so that it is not rounded before it is compared.
    IF(t.units_7d * t.days_28d > t.units_28d * t.days_7d, t.units_7d, t.units_28d) AS demand_units,
    IF(t.units_7d * t.days_28d > t.units_28d * t.days_7d, t.days_7d, t.days_28d) AS demand_days
  FROM timed AS t
  LEFT JOIN dim_products AS p ON p.product_id = t.product_id
),

covered AS (
  SELECT m.*, GREATEST(m.stock_left, 0) * m.demand_days AS stock_days
  FROM measured AS m
),

judged AS (
  SELECT
    c.*,
    CASE WHEN NOT c.is_known THEN 'unknown_product' WHEN c.stock_left <= 0 THEN 'out_of_stock' ELSE 'low_cover' END AS alert,
    CASE WHEN c.stock_days < @cover_critical_days * c.demand_units THEN 'critical' ELSE 'warning' END AS severity,
    ROUND(CAST(c.stock_days AS NUMERIC) / c.demand_units, 1) AS days_of_cover, -- shown rounded, judged as it is
    DATE_ADD(@report_date, INTERVAL (DIV(c.stock_days, c.demand_units) + 1) DAY) AS stock_out_date,
    ROUND(c.revenue_28d * (@cover_warning_days * c.demand_units - c.stock_days) / (c.demand_days * c.units_28d), 2) AS revenue_at_risk
  FROM covered AS c
  WHERE NOT c.is_known OR (c.stock_level IS NOT NULL AND c.stock_days < @cover_warning_days * c.demand_units)
)

SELECT
  @report_date,
  ROW_NUMBER() OVER (
    ORDER BY
      j.is_known DESC,
      j.revenue_at_risk DESC,
      j.revenue_28d DESC,
      j.product_id
  ),
  j.product_id,
  j.product_name,
  j.category,
  j.alert,
  j.severity,
  j.is_active,
  j.stock_level,
  j.units_7d,
  j.units_28d,
  j.units_per_day_7d,
  j.units_per_day_28d,
  GREATEST(j.units_per_day_7d, j.units_per_day_28d),
  j.days_of_cover,
  j.revenue_28d,
  j.first_sale_date,
  IF(j.is_known, j.units_since_catalog, NULL),
  j.stock_left,
  j.stock_out_date,
  j.revenue_at_risk
FROM judged AS j;
