-- Grain: one row per order, by its first line. For tools of business intelligence: no name, no address, and customers
-- by a key that cannot be read back. A filter on order_date prunes, as it does on fact_orders.
CREATE VIEW v_bi_orders (
  order_id OPTIONS (description = 'The order'),
  order_date OPTIONS (description = "Day of the order on the shop's clock; filter by it, which makes queries cheap"),
  ordered_at OPTIONS (description = 'When the order was placed'),
  order_hour OPTIONS (description = "Hour of the order on the shop's clock, 0 to 23"),
  customer_key OPTIONS (description = 'SHA-256 of the customer id, the same in all views; NULL for a guest'),
  customer_tier OPTIONS (description = "The customer's tier when the order was loaded"),
  payment_status OPTIONS (description = "completed, pending, failed, refunded, partially_refunded, cancelled or the source's own word"),
  is_paid OPTIONS (description = 'Whether the order was paid, even if it was paid back later'),
  order_value OPTIONS (description = 'What the source says the whole order costs'),
  revenue OPTIONS (description = "What was paid, less what was paid back: the revenue of dashboard and reports; 0 unless it was paid"),
  refunded OPTIONS (description = 'What was paid back'),
  tax OPTIONS (description = 'Tax on the whole order'),
  shipping OPTIONS (description = 'Price of the shipping'),
  discount OPTIONS (description = 'Discount on the order as a whole'),
  currency OPTIONS (description = 'ISO 4217 code of all amounts'),
  region OPTIONS (description = 'US Census region of the state; else the country; none for an order that is not shipped'),
  state OPTIONS (description = 'State or province'),
  country OPTIONS (description = 'Country'),
  loaded_at OPTIONS (description = 'When the order came into the warehouse')
)
OPTIONS (description = 'Orders for tools of business intelligence, one row each')
AS
SELECT
  f.order_id,
  f.order_date,
  f.order_timestamp AS ordered_at,
  f.order_hour,
  TO_HEX(SHA256(f.customer_id)) AS customer_key,
  f.customer_tier,
  f.payment_status,
  f.payment_status IN ('completed', 'partially_refunded', 'refunded') AS is_paid,
  f.total_amount AS order_value,
  -- @include order_paid
  AS revenue,
  COALESCE(f.refunded_amount, IF(f.payment_status = 'refunded', f.total_amount, NUMERIC '0')) AS refunded,
  f.tax_amount AS tax,
  f.shipping_amount AS shipping,
  f.discount_amount AS discount,
  f.currency,
  f.region,
  f.state,
  f.country,
  f.loaded_at
FROM fact_orders AS f
WHERE f.line_number = 1;
