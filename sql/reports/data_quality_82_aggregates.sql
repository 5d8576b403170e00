-- Grain: one row per aggregate and measure: by how much it differs from the facts that it sums up.
-- Run by the reporter's daily run, in the report's transaction. It reads the aggregates and three columns
-- of all facts.
-- @param report_date DATE
INSERT INTO audit (section_rank, place, section, check_name, table_name, subject, value, unit, expectation, status)
WITH facts AS (
  SELECT
    COUNTIF(f.line_number = 1) AS orders,
    COALESCE(SUM(IF(f.line_number = 1, f.total_amount, NUMERIC '0')), NUMERIC '0') AS revenue,
    COALESCE(SUM(f.line_total), NUMERIC '0') AS line_revenue
  FROM fact_orders AS f
  WHERE f.order_date <= @report_date
),

hours AS (
  SELECT COALESCE(SUM(a.total_orders), 0) AS orders, COALESCE(SUM(a.total_revenue), NUMERIC '0') AS revenue
  FROM agg_hourly_metrics AS a
  WHERE a.metric_hour < TIMESTAMP(DATE_ADD(@report_date, INTERVAL 2 DAY)) AND COALESCE(a.order_date, DATE(a.metric_hour)) <= @report_date
),

categories AS (
  SELECT COALESCE(SUM(a.revenue), NUMERIC '0') AS revenue
  FROM agg_category_revenue AS a
  WHERE a.metric_date <= @report_date
),

differences AS (
  SELECT
    CAST(h.orders - f.orders AS NUMERIC) AS orders,
    h.revenue - f.revenue AS revenue,
    c.revenue - f.line_revenue AS category_revenue
  FROM facts AS f
  CROSS JOIN hours AS h
  CROSS JOIN categories AS c
)

SELECT
  7, c.place, 'ledger', 'differs_from_facts', c.table_name, c.subject, c.found, c.unit, '0', IF(c.found = 0, 'ok', 'error')
FROM differences AS d
CROSS JOIN UNNEST([
  STRUCT(3 AS place, 'agg_hourly_metrics' AS table_name, 'total_orders' AS subject, d.orders AS found, 'count' AS unit),
  (4, 'agg_hourly_metrics', 'total_revenue', d.revenue, 'amount'),
  (5, 'agg_category_revenue', 'revenue', d.category_revenue, 'amount')
]) AS c;
