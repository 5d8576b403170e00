-- Gives the days of an earlier release their revenue without orders that failed, were called off or are not paid,
-- computed from their facts.
-- Run by provisioning, after the facts have been brought along; a day that has it is not touched again.
UPDATE agg_category_revenue AS a
SET headline_revenue = c.headline_revenue, paid_revenue = c.paid_revenue
FROM (
  SELECT
    f.order_date,
    f.category,
    -- @include day_figures
  FROM fact_orders AS f
  GROUP BY f.order_date, f.category
) AS c
WHERE (a.headline_revenue IS NULL OR a.paid_revenue IS NULL) AND c.order_date = a.metric_date AND c.category = a.category;
