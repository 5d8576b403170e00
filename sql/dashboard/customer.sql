-- One customer: what the catalog says, without the e-mail address, and what all orders come to.
-- Grain: exactly one row; of a customer whom no catalog names, the catalog's columns are NULL. An order counts once, with
-- its total_amount; revenue is of orders that were paid, less what was paid back.
-- Reads only; run by the reporter, with the days of the customer's first and last order.
-- @param customer_id STRING
-- @param from_date DATE
-- @param to_date DATE
WITH placed AS (
  SELECT
    f.order_date,
    f.order_timestamp,
    f.payment_status,
    f.total_amount,
    -- @include order_paid
    AS revenue
  FROM fact_orders AS f
  WHERE f.order_date BETWEEN @from_date AND @to_date AND f.customer_id = @customer_id AND f.line_number = 1
),
sums AS (
  SELECT
    @customer_id AS customer_id,
    COUNT(*) AS orders,
    COUNT(DISTINCT order_date) AS order_days,
    COUNTIF(payment_status IN ('completed', 'partially_refunded', 'refunded')) AS paid_orders,
    COALESCE(SUM(revenue), 0) AS revenue,
    COALESCE(SUM(total_amount), 0) AS total_revenue,
    MIN(order_timestamp) AS first_order_at,
    MAX(order_timestamp) AS last_order_at
  FROM placed
),
catalog AS (
  SELECT c.customer_id, c.name, c.customer_tier, c.registration_date, c.is_active
  FROM dim_customers AS c
  WHERE c.customer_id = @customer_id
)
SELECT
  sums.customer_id,
  catalog.name AS customer_name,
  IF(catalog.customer_id IS NULL, 'unknown', COALESCE(catalog.customer_tier, 'none')) AS customer_tier,
  catalog.registration_date,
  catalog.is_active,
  sums.orders,
  sums.order_days,
  sums.paid_orders,
  sums.revenue,
  IF(sums.paid_orders = 0, NULL, sums.revenue / sums.paid_orders) AS avg_order_value,
  sums.total_revenue,
  sums.first_order_at,
  sums.last_order_at
FROM sums
LEFT JOIN catalog ON catalog.customer_id = sums.customer_id;
