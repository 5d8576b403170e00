-- The products with the highest revenue over whole days; of
-- orders that were paid and not paid back as a whole. The columns all_* are sums over all
-- products, listed or not. A line without a product is of none.
-- Grain: one row per product. Name and category are the catalog's of today (none for a
-- product without a category); a product that no catalog names shows what its order lines say, all the same.
-- Reads only; run by the reporter.
-- @param from_date DATE
-- @param to_date DATE
-- @param rank_by STRING
-- @param after_index INT64
-- @param page_size INT64
WITH sold AS (
  SELECT
    d.product_id,
    MAX(d.product_name) AS product_name,
    MAX(d.category) AS category,
    SUM(d.order_lines) AS order_lines,
    SUM(d.units) AS units,
    SUM(IF(d.payment_status IN ('completed', 'partially_refunded'), d.total_revenue, NUMERIC '0')) AS revenue,
    SUM(d.total_revenue) AS total_revenue,
    COALESCE(SUM(IF(d.payment_status = 'completed', d.total_revenue, NULL)), 0) AS completed_revenue
  FROM agg_daily_products AS d
  WHERE d.order_date BETWEEN @from_date AND @to_date
  GROUP BY d.product_id
),
-- @include ranked_products
;
