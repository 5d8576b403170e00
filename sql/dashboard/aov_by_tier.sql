-- Average order value per customer tier over whole days, highest first; of a tier
-- without an order that counts the average is NULL and comes last. The orders of
-- guests are a tier, but its customers are not counted.
-- Grain: one row per tier. An order counts once, with its total_amount.
-- revenue is of orders that were paid, less what was paid back.
-- The columns all_* are sums over all tiers, listed or not.
-- Reads only; run by the reporter.
-- @param from_date DATE
-- @param to_date DATE
-- @param rank_by STRING
-- @param after_index INT64
-- @param page_size INT64
WITH sums AS (
  SELECT
    d.customer_tier,
    SUM(d.orders) AS orders,
    COALESCE(SUM(IF(d.payment_status IN ('failed', 'cancelled'), NULL, d.orders)), 0) AS sold_orders,
    COALESCE(SUM(IF(d.payment_status IN ('completed', 'partially_refunded', 'refunded'), d.orders, NULL)), 0) AS paid_orders,
    SUM(d.paid_revenue) AS revenue,
    SUM(d.total_revenue) AS total_revenue,
    COALESCE(SUM(IF(d.payment_status = 'completed', d.orders, NULL)), 0) AS completed_orders,
    COALESCE(SUM(IF(d.payment_status = 'completed', d.total_revenue, NULL)), 0) AS completed_revenue
  FROM agg_daily_orders AS d
  WHERE d.order_date BETWEEN @from_date AND @to_date
  GROUP BY d.customer_tier
),
buyers AS (
  SELECT d.customer_tier, COUNT(DISTINCT d.customer_id) AS customers
  FROM agg_daily_customers AS d
  WHERE d.order_date BETWEEN @from_date AND @to_date
  GROUP BY d.customer_tier
),
tiers AS (
  SELECT sums.*, COALESCE(buyers.customers, 0) AS customers
  FROM sums
  LEFT JOIN buyers ON buyers.customer_tier = sums.customer_tier
),
-- @include ranked_tiers
;
