-- Grain: one row per line of an order. For tools of business intelligence: no name, no address, and customers by a key
-- that cannot be read back. A filter on order_date prunes, as it does on fact_orders.
CREATE VIEW v_bi_order_lines (
  order_id OPTIONS (description = 'The order'),
  line_number OPTIONS (description = 'Position of the line in the order, from 1'),
  order_date OPTIONS (description = "Day of the order on the shop's clock; filter by it, which makes queries cheap"),
  ordered_at OPTIONS (description = 'When the order was placed'),
  customer_key OPTIONS (description = 'SHA-256 of the customer id, the same in all views; NULL for a guest'),
  customer_tier OPTIONS (description = "The customer's tier when the order was loaded"),
  payment_status OPTIONS (description = "completed, pending, failed, refunded, partially_refunded, cancelled or the source's own word"),
  product_id OPTIONS (description = 'The product; NULL for a line without one'),
  product_name OPTIONS (description = "The product's name when the order was loaded"),
  category OPTIONS (description = "The product's category; none without one, unknown until a catalog names it"),
  units OPTIONS (description = 'Units ordered'),
  unit_price OPTIONS (description = 'Price of one unit, as ordered'),
  line_value OPTIONS (description = 'Units x price, less the discount on the line'),
  line_revenue OPTIONS (description = 'What was paid of the line: all of it, or 0 unless the order was paid and not paid back as a whole'),
  currency OPTIONS (description = 'ISO 4217 code of all amounts'),
  region OPTIONS (description = 'US Census region of the state; else the country; none for an order that is not shipped'),
  state OPTIONS (description = 'State or province'),
  country OPTIONS (description = 'Country')
)
OPTIONS (description = 'Order lines for tools of business intelligence, one row each')
AS
SELECT
  f.order_id,
  f.line_number,
  f.order_date,
  f.order_timestamp AS ordered_at,
  TO_HEX(SHA256(f.customer_id)) AS customer_key,
  f.customer_tier,
  f.payment_status,
  f.product_id,
  f.product_name,
  f.category,
  f.quantity AS units,
  f.unit_price,
  f.line_total AS line_value,
  -- @include line_paid
  AS line_revenue,
  f.currency,
  f.region,
  f.state,
  f.country
FROM fact_orders AS f;
