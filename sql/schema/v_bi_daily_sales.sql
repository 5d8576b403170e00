-- Grain: one row per day, tier, payment status and place with orders. For tools of business intelligence: the cheapest
-- way to orders and revenue over time. A filter on order_date prunes, as it does on agg_daily_orders.
CREATE VIEW v_bi_daily_sales (
  order_date OPTIONS (description = "Day of the orders on the shop's clock; filter by it, which makes queries cheap"),
  customer_tier OPTIONS (description = "The customers' tier when the orders were loaded"),
  payment_status OPTIONS (description = "completed, pending, failed, refunded, partially_refunded, cancelled or the source's own word"),
  region OPTIONS (description = 'US Census region of the state; else the country; none for orders that are not shipped'),
  state OPTIONS (description = 'State or province'),
  country OPTIONS (description = 'Country'),
  orders OPTIONS (description = 'Orders placed'),
  order_value OPTIONS (description = 'What the sources say the orders cost'),
  revenue OPTIONS (description = 'What was paid, less what was paid back: the revenue of dashboard and reports')
)
OPTIONS (description = 'Orders and revenue by day for tools of business intelligence')
AS
SELECT
  d.order_date,
  d.customer_tier,
  d.payment_status,
  d.region,
  d.state,
  d.country,
  d.orders,
  d.total_revenue AS order_value,
  d.paid_revenue AS revenue
FROM agg_daily_orders AS d;
