-- Grain: one row per customer of the catalog or with orders. For tools of business intelligence: no name, no e-mail
-- address, and a key that cannot be read back in place of the id; joins the orders by customer_key.
CREATE VIEW v_bi_customers (
  customer_key OPTIONS (description = 'SHA-256 of the customer id, the same in all views'),
  customer_tier OPTIONS (description = 'Tier by the catalog; NULL if it gives none, or does not name the customer'),
  registration_date OPTIONS (description = 'Day of registration; NULL if the source gives none'),
  is_active OPTIONS (description = 'Whether the catalog still has the customer; NULL if it never named the customer'),
  first_order_date OPTIONS (description = 'Day of the first order; NULL without one'),
  last_order_date OPTIONS (description = 'Day of the newest order; NULL without one'),
  orders OPTIONS (description = 'Orders placed'),
  lifetime_value OPTIONS (description = "What the orders come to that neither failed nor were called off, less what was paid back: the churn report's figure")
)
OPTIONS (description = 'Customers for tools of business intelligence, one row each')
AS
WITH ordered AS (
  SELECT
    d.customer_id,
    MIN(d.order_date) AS first_order_date,
    MAX(d.order_date) AS last_order_date,
    SUM(d.orders) AS orders,
    SUM(d.headline_revenue) AS lifetime_value
  FROM agg_daily_customers AS d
  GROUP BY d.customer_id
)

SELECT
  TO_HEX(SHA256(COALESCE(c.customer_id, o.customer_id))) AS customer_key,
  c.customer_tier,
  c.registration_date,
  c.is_active,
  o.first_order_date,
  o.last_order_date,
  COALESCE(o.orders, 0) AS orders,
  COALESCE(o.lifetime_value, NUMERIC '0') AS lifetime_value
FROM dim_customers AS c
FULL JOIN ordered AS o ON o.customer_id = c.customer_id;
