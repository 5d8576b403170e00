-- Grain: one row per day and category, as the model has it.
-- Run by bench, drill and tests, to compare with the model; reads the whole table.
SELECT a.metric_date, a.category, a.orders, a.units, a.revenue, a.completed_revenue, a.headline_revenue, a.paid_revenue
FROM agg_category_revenue AS a;
