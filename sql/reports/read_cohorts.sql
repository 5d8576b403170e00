-- Rows of a report in its order, one page at a time.
-- Grain: that of report_cohorts. The select list is what the report's CSV file and the JSON API show.
-- Reads only; run by the reporter, and by its daily run for the files.
-- @param report_date DATE
-- @param after_position INT64
-- @param page_size INT64
SELECT
  r.position, r.cohort_month, r.months_since, r.is_over, r.customers, r.buyers, r.buyer_share, r.orders,
  r.revenue, r.cumulative_revenue, r.revenue_per_customer
FROM report_cohorts AS r
WHERE r.report_date = @report_date AND r.position > @after_position
ORDER BY r.position
LIMIT @page_size;
