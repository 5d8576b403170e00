-- Grain: one row per product that sold in the 28 days up to the report date and whose stock covers
-- fewer than @cover_warning_days days of its demand, or that no catalog names. A product whose stock
-- the catalog does not give is none: nothing is known of its cover.
-- Demand is the higher of the daily sales over 7 and over 28 days, so that a rise counts at once and
-- a lull does not calm; over fewer days if the product has sold for fewer (it is new, or again on sale
-- after 90 days without), so that days before it was on sale do not dilute them. Orders that failed or were called
-- off sell nothing, and a line without a product takes nothing from the stock.
-- Of the days to come a product sells the share that it had of its category's units in those 7 or 28 days, if the date's
-- forecast has the category, else the share of the shop's: top-down by proportions. So weekdays, season and trend
-- move the day of the stock-out. Without a forecast, or one of nothing, each day sells what demand was. A forecast is
-- of 27 days at least; after them its last week repeats.
-- Stock is the catalog's of today, since the warehouse keeps no history of it, less what was ordered since
-- that catalog landed, as far back as 90 days: an older statement of stock is of no use.
-- The revenue at risk is that of the units that will be lacking in the next @cover_warning_days days, at the
-- average price of the last 28 days, if that much is asked for and nothing arrives. What is compared is not rounded,
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
  first_sale_date, units_since_catalog, stock_left, stock_out_date, revenue_at_risk, forecast_per_day
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

-- What is forecast of the categories; that of the shop is called so by no category.
series AS (
  SELECT
    f.category IS NULL AS is_shop,
    COALESCE(f.category, '') AS category,
    DATE_DIFF(f.forecast_date, @report_date, DAY) AS day_number,
    f.units
  FROM report_forecast AS f
  WHERE f.report_date = @report_date
),

ahead AS (
  SELECT
    s.is_shop,
    s.category,
    d AS day_number,
    SUM(s.units) OVER (PARTITION BY s.is_shop, s.category ORDER BY d) AS units_through
  FROM UNNEST(GENERATE_ARRAY(1, @cover_warning_days)) AS d
  JOIN series AS s ON s.day_number = IF(d <= 27, d, 21 + MOD(d - 21, 7))
),

category_days AS (
  SELECT c.category, DATE_DIFF(@report_date, c.metric_date, DAY) AS days_before, SUM(c.units) AS units
  FROM agg_category_revenue AS c
  WHERE c.metric_date BETWEEN DATE_SUB(@report_date, INTERVAL 27 DAY) AND @report_date
  GROUP BY c.category, days_before
),

-- What a category, and the shop, sold on the last 1, 2, ... 28 days.
category_windows AS (
  SELECT FALSE AS is_shop, c.category, n AS days, SUM(c.units) AS units
  FROM category_days AS c
  CROSS JOIN UNNEST(GENERATE_ARRAY(c.days_before + 1, 28)) AS n
  GROUP BY c.category, n
  UNION ALL
  SELECT TRUE, '', n, SUM(c.units)
  FROM category_days AS c
  CROSS JOIN UNNEST(GENERATE_ARRAY(c.days_before + 1, 28)) AS n
  GROUP BY n
),

-- Those that a product's share may be taken of: it has sold no more than they.
shared AS (
  SELECT
    m.product_id,
    w.is_shop,
    w.category,
    w.units
  FROM measured AS m
  JOIN category_windows AS w ON (w.is_shop OR w.category = m.category) AND w.days = m.demand_days AND w.units >= m.demand_units
  JOIN ahead AS a
    ON a.is_shop = w.is_shop AND a.category = w.category AND a.day_number = @cover_warning_days AND a.units_through > 0
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY m.product_id ORDER BY w.is_shop) = 1
),

-- What is wanted through each of the days to come, times what it is a share of: compared so, nothing is rounded.
wanted AS (
  SELECT
    m.product_id,
    d AS day_number,
    CAST(m.demand_units AS NUMERIC) * COALESCE(a.units_through, d) AS wanted,
    COALESCE(s.units, m.demand_days) AS per,
    CAST(GREATEST(m.stock_left, 0) AS NUMERIC) * COALESCE(s.units, m.demand_days) AS stock
  FROM measured AS m
  CROSS JOIN UNNEST(GENERATE_ARRAY(1, @cover_warning_days)) AS d
  LEFT JOIN shared AS s ON s.product_id = m.product_id
  LEFT JOIN ahead AS a ON a.is_shop = s.is_shop AND a.category = s.category AND a.day_number = d
),

covered AS (
  SELECT
    w.product_id,
    ANY_VALUE(w.per) AS per,
    ANY_VALUE(w.stock) AS stock,
    MAX(w.wanted) AS wanted,
    -- The first day that the stock does not cover, and what is wanted through it and before it.
    MIN(IF(w.wanted > w.stock, w.day_number, NULL)) AS out_day,
    MIN(IF(w.wanted > w.stock, w.wanted, NULL)) AS wanted_through,
    MAX(IF(w.wanted > w.stock, NUMERIC '0', w.wanted)) AS wanted_before
  FROM wanted AS w
  GROUP BY w.product_id
),

judged AS (
  SELECT
    m.*,
    s.product_id IS NOT NULL AS is_forecast,
    CASE WHEN NOT m.is_known THEN 'unknown_product' WHEN m.stock_left <= 0 THEN 'out_of_stock' ELSE 'low_cover' END AS alert,
    CASE WHEN c.out_day <= @cover_critical_days THEN 'critical' ELSE 'warning' END AS severity,
    -- Shown rounded, judged as it is.
    ROUND(
      ((c.out_day - 1) * (c.wanted_through - c.wanted_before) + c.stock - c.wanted_before) / (c.wanted_through - c.wanted_before), 1
    ) AS days_of_cover,
    DATE_ADD(@report_date, INTERVAL c.out_day DAY) AS stock_out_date,
    ROUND(m.revenue_28d * (c.wanted - c.stock) / (c.per * m.units_28d), 2) AS revenue_at_risk,
    c.wanted / (c.per * @cover_warning_days) AS wanted_per_day
  FROM measured AS m
  JOIN covered AS c ON c.product_id = m.product_id
  LEFT JOIN shared AS s ON s.product_id = m.product_id
  WHERE NOT m.is_known OR (m.stock_level IS NOT NULL AND c.out_day IS NOT NULL)
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
  j.revenue_at_risk,
  IF(j.is_forecast, j.wanted_per_day, NULL)
FROM judged AS j;
