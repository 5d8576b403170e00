-- The products with the highest revenue of the order lines that pass the filters; of
-- orders that were paid and not paid back as a whole. The columns all_* are sums over all
-- products, listed or not. A line without a product is of none.
-- Grain: one row per product. Name and category are the catalog's of today (none for a
-- product without a category); a product that no catalog names shows what its order lines say, all the same.
-- Unfiltered and over whole days, top_products reads the aggregate instead.
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
WITH sold AS (
  SELECT
    product_id,
    ANY_VALUE(product_name) AS product_name,
    ANY_VALUE(category) AS category,
    COUNT(*) AS order_lines,
    SUM(quantity) AS units,
    SUM(
      -- @include line_paid
    ) AS revenue,
    SUM(line_total) AS total_revenue,
    COALESCE(SUM(IF(payment_status = 'completed', line_total, NULL)), 0) AS completed_revenue
  FROM fact_orders AS f
  WHERE product_id IS NOT NULL
    -- @if category
    AND category = @category
    -- @end
    -- @include chosen_orders
  GROUP BY product_id
),
-- @include ranked_products
;
