-- Grain: one row per product that sold in the 28 days up to the report date and whose stock covers
-- fewer than @cover_warning_days days of its demand, or that no catalog names. A product whose stock
-- the catalog does not give is none: nothing is known of its cover.
-- Demand is the higher of the daily sales over 7 and over 28 days, so that a rise counts at once and
-- a lull does not calm. Orders that failed or were called off sell nothing, and a line without a
-- product takes nothing from the stock. Stock is the catalog's of today:
-- the warehouse keeps no history of it.
-- Run by the reporter's daily run, in the report's transaction.
-- @param report_date DATE
-- @param cover_critical_days INT64
-- @param cover_warning_days INT64
INSERT INTO report_inventory_alerts (
  report_date, position, product_id, product_name, category, alert, severity, is_active, stock_level,
  units_7d, units_28d, units_per_day_7d, units_per_day_28d, demand_per_day, days_of_cover, revenue_28d
)
WITH sold AS (
  SELECT
    f.product_id,
    SUM(IF(f.order_date > DATE_SUB(@report_date, INTERVAL 7 DAY), f.quantity, 0)) AS units_7d,
    SUM(f.quantity) AS units_28d,
    SUM(f.line_total) AS revenue_28d
  FROM fact_orders AS f
  WHERE
    f.order_date BETWEEN DATE_SUB(@report_date, INTERVAL 27 DAY) AND @report_date
    AND f.product_id IS NOT NULL
    AND f.payment_status NOT IN ('failed', 'cancelled')
  GROUP BY f.product_id
),

measured AS (
  SELECT
    s.*,
    p.product_id IS NOT NULL AS is_known,
    p.product_name,
    IF(p.product_id IS NULL, 'unknown', COALESCE(p.category, 'none')) AS category,
    p.is_active,
    p.stock_level,
    CAST(s.units_7d AS NUMERIC) / 7 AS units_per_day_7d,
    CAST(s.units_28d AS NUMERIC) / 28 AS units_per_day_28d,
    -- Demand and stock in units of 28 days, so that neither is rounded before they are compared.
    GREATEST(s.units_7d * 4, s.units_28d) AS demand_28d,
    GREATEST(p.stock_level, 0) * 28 AS stock_28d
  FROM sold AS s
  LEFT JOIN dim_products AS p ON p.product_id = s.product_id
),

judged AS (
  SELECT
    m.*,
    CASE WHEN NOT m.is_known THEN 'unknown_product' WHEN m.stock_level <= 0 THEN 'out_of_stock' ELSE 'low_cover' END AS alert,
    CASE WHEN m.stock_28d < @cover_critical_days * m.demand_28d THEN 'critical' ELSE 'warning' END AS severity,
    CAST(m.stock_28d AS NUMERIC) / m.demand_28d AS days_of_cover
  FROM measured AS m
  WHERE NOT m.is_known OR (m.stock_level IS NOT NULL AND m.stock_28d < @cover_warning_days * m.demand_28d)
)

SELECT
  @report_date,
  ROW_NUMBER() OVER (
    ORDER BY
      j.severity, -- critical before warning
      j.is_known DESC,
      j.days_of_cover,
      j.demand_28d DESC,
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
  ROUND(j.days_of_cover, 1), -- shown rounded, judged as it is
  j.revenue_28d
FROM judged AS j;
