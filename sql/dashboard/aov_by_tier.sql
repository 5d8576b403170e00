-- Average order value per customer tier in a period, highest first; of a tier
-- without an order that counts the average is NULL and comes last. The orders of
-- guests are a tier, but its customers are not counted.
-- Grain: one row per tier. An order counts once,
-- with its total_amount; with a category chosen it counts if it has lines of that
-- category, with their line_total, and without what was paid back of the whole order.
-- revenue is of orders that were paid, less what was paid back.
-- The columns all_* are sums over all tiers, listed or not.
-- Reads only; run by the reporter.
-- @param from_date DATE
-- @param to_date DATE
-- @param from_time TIMESTAMP
-- @param to_time TIMESTAMP
-- @param category STRING
-- @param region STRING
-- @param tier STRING
-- @param status STRING
-- @param rank_by STRING
-- @param after_index INT64
-- @param page_size INT64
WITH lines AS (
  SELECT
    customer_id, customer_tier, payment_status,
    -- @include order_amounts
  FROM fact_orders
  -- @if category
  WHERE category = @category
  -- @end
  -- @if not category
  WHERE line_number = 1
  -- @end
    -- @include chosen_orders
),
tiers AS (
  SELECT
    customer_tier,
    COUNTIF(is_order) AS orders,
    COUNT(DISTINCT customer_id) AS customers,
    COUNTIF(is_order AND payment_status NOT IN ('failed', 'cancelled')) AS sold_orders,
    COUNTIF(is_order AND is_paid) AS paid_orders,
    COALESCE(SUM(IF(is_paid, amount - paid_back, NULL)), 0) AS revenue,
    COALESCE(SUM(amount), 0) AS total_revenue,
    COUNTIF(is_order AND payment_status = 'completed') AS completed_orders,
    COALESCE(SUM(IF(payment_status = 'completed', amount, NULL)), 0) AS completed_revenue
  FROM lines
  GROUP BY customer_tier
),
averages AS (
  SELECT
    *,
    revenue / NULLIF(paid_orders, 0) AS avg_order_value,
    total_revenue / NULLIF(orders, 0) AS total_avg_order_value,
    completed_revenue / NULLIF(completed_orders, 0) AS completed_avg_order_value
  FROM tiers
),
ranked AS (
  SELECT
    *,
    ROW_NUMBER() OVER (
      ORDER BY
        CASE @rank_by
          WHEN 'completed_revenue' THEN completed_avg_order_value
          WHEN 'total_revenue' THEN total_avg_order_value
          ELSE avg_order_value
        END DESC,
        customer_tier
    ) AS place,
    COUNT(*) OVER () AS all_entries,
    SUM(orders) OVER () AS all_orders,
    SUM(paid_orders) OVER () AS all_paid_orders,
    SUM(completed_orders) OVER () AS all_completed_orders,
    SUM(revenue) OVER () AS all_revenue,
    SUM(total_revenue) OVER () AS all_total_revenue,
    SUM(completed_revenue) OVER () AS all_completed_revenue
  FROM averages
)
SELECT
  place,
  customer_tier,
  orders,
  customers,
  sold_orders,
  paid_orders,
  revenue,
  avg_order_value,
  total_revenue,
  total_avg_order_value,
  completed_orders,
  completed_revenue,
  completed_avg_order_value,
  all_entries,
  all_orders,
  all_paid_orders,
  all_completed_orders,
  all_revenue,
  all_total_revenue,
  all_completed_revenue
FROM ranked
WHERE place > @after_index
ORDER BY place
LIMIT @page_size;
