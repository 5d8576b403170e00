-- The lines of the period as the facts showed them at @moment (is_now is FALSE) and show them (is_now is TRUE), with passes: whether
-- the filters leave a line. Category and tier of then are unknown if a catalog has named product or customer since.
-- changes: of the facts only those written since, on the days that have such, and the others are the same then and now.
-- @if category
new_products AS (
  SELECT p.product_id
  FROM dim_products AS p
  LEFT JOIN (
    SELECT h.product_id, MIN(h.valid_from) AS known_from FROM dim_products_history AS h GROUP BY h.product_id
  ) AS e ON e.product_id = p.product_id
  WHERE COALESCE(e.known_from, p.updated_at) > @moment
),
-- @end
-- @if tier
new_customers AS (
  SELECT c.customer_id
  FROM dim_customers AS c
  LEFT JOIN (
    SELECT h.customer_id, MIN(h.valid_from) AS known_from FROM dim_customers_history AS h GROUP BY h.customer_id
  ) AS e ON e.customer_id = c.customer_id
  WHERE COALESCE(e.known_from, c.updated_at) > @moment
),
-- @end
shown AS (
  SELECT
    -- @if category
    f.line_number, f.product_id, f.category, f.line_total,
    -- @end
    -- @if region
    f.region,
    -- @end
    -- @if state
    f.state, f.country,
    -- @end
    -- @if tier
    f.customer_id, f.customer_tier,
    -- @end
    -- @if hours
    f.order_timestamp,
    -- @end
    is_now, f.order_id, f.order_date, f.payment_status, f.total_amount, f.refunded_amount
  FROM fact_orders AS f
  CROSS JOIN UNNEST([TRUE, FALSE]) AS is_now
  WHERE
    f.order_date BETWEEN @from_date AND @to_date
    AND (is_now OR f.loaded_at <= @moment)
    -- @if changes
    AND f.order_date BETWEEN @changed_from AND @changed_to
    AND f.loaded_at > @moment
    -- @end
    -- @if not category
    AND f.line_number = 1
    -- @end
  UNION ALL
  SELECT
    -- @if category
    h.line_number, h.product_id, h.category, h.line_total,
    -- @end
    -- @if region
    h.region,
    -- @end
    -- @if state
    h.state, h.country,
    -- @end
    -- @if tier
    h.customer_id, h.customer_tier,
    -- @end
    -- @if hours
    h.order_timestamp,
    -- @end
    FALSE, h.order_id, h.order_date, h.payment_status, h.total_amount, h.refunded_amount
  FROM fact_orders_history AS h
  WHERE
    h.order_date BETWEEN @from_date AND @to_date
    AND h.loaded_at <= @moment
    AND h.removed_at > @moment
    -- @if not category
    AND h.line_number = 1
    -- @end
),
categorized AS (
  SELECT
    s.*
    -- @if category
    REPLACE (IF(NOT s.is_now AND p.product_id IS NOT NULL, 'unknown', s.category) AS category)
    -- @end
  FROM shown AS s
  -- @if category
  LEFT JOIN new_products AS p ON p.product_id = s.product_id
  -- @end
),
tiered AS (
  SELECT
    -- @if category
    ROW_NUMBER() OVER (PARTITION BY z.is_now, z.order_id, z.category ORDER BY z.line_number) AS category_line_number,
    -- @end
    z.*
    -- @if tier
    REPLACE (IF(NOT z.is_now AND c.customer_id IS NOT NULL, 'unknown', z.customer_tier) AS customer_tier)
    -- @end
  FROM categorized AS z
  -- @if tier
  LEFT JOIN new_customers AS c ON c.customer_id = z.customer_id
  -- @end
),
lines AS (
  SELECT
    is_now, order_id, order_date, payment_status,
    (
      TRUE
      -- @if category
      AND category = @category
      -- @end
      -- @include chosen_orders
    ) AS passes,
    -- @if category
    NUMERIC '0' AS refunded,
    -- @end
    -- @if not category
    COALESCE(refunded_amount, NUMERIC '0') AS refunded,
    -- @end
    -- @include order_amounts
  FROM tiered
)
