-- Average order value per customer tier of the orders that pass the filters in a period, highest first; of a tier
-- without an order that counts the average is NULL and comes last. The orders of
-- guests are a tier, but its customers are not counted.
-- Grain: one row per tier. An order counts once,
-- with its total_amount; with a category chosen it counts if it has lines of that
-- category, with their line_total, and without what was paid back of the whole order.
-- revenue is of orders that were paid, less what was paid back.
-- Unfiltered and over whole days, aov_by_tier reads the aggregates instead.
-- The columns all_* are sums over all tiers, listed or not.
-- Reads only; run by the reporter.
-- @param from_date DATE
-- @param to_date DATE
-- @param from_time TIMESTAMP
-- @param to_time TIMESTAMP
-- @param category STRING
-- @param region STRING
-- @param state STRING
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
-- @include ranked_tiers
;
