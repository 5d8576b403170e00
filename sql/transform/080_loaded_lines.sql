-- Grain: one row per line of the orders that this batch loads, enriched.
-- A guest has no customer to wait for, and a line without a product no product. Of such a line, or of
-- one whose product has no category, the category is none. An address without a word in it is none.
-- The region is that of the US state, else the country's name, however the source spells them; of a
-- country that ref_places does not know it is the source's own word. Without a country, a state is one
-- of the USA if it is called so. place_known: state and country are known as far as they are given;
-- states of other countries are not looked up.
-- Run by the aggregator in its transaction, after the dimensions are merged.
-- @when orders
CREATE TEMP TABLE loaded_lines AS
WITH claimed AS (
  SELECT
    o.* EXCEPT (shipping_address),
    -- What an earlier release has staged may hold empty texts for what the source did not give.
    NULLIF(o.shipping_address.street, '') AS street,
    NULLIF(o.shipping_address.city, '') AS city,
    NULLIF(o.shipping_address.state, '') AS state,
    NULLIF(o.shipping_address.zipcode, '') AS zipcode,
    NULLIF(o.shipping_address.country, '') AS country,
    CONCAT(
      COALESCE(o.shipping_address.street, ''), COALESCE(o.shipping_address.city, ''), COALESCE(o.shipping_address.state, ''),
      COALESCE(o.shipping_address.zipcode, ''), COALESCE(o.shipping_address.country, '')
    ) != '' AS has_address
  FROM batch_orders AS o
  JOIN order_claims AS k ON k.parse_id = o.parse_id AND k.record_index = o.record_index
  WHERE k.is_current
),

spelt AS (
  SELECT
    a.state,
    a.country,
    UPPER(REGEXP_REPLACE(a.state, r'[^\pL\pN]', '')) AS state_spelling,
    UPPER(REGEXP_REPLACE(a.country, r'[^\pL\pN]', '')) AS country_spelling
  FROM (SELECT DISTINCT COALESCE(c.state, '') AS state, COALESCE(c.country, '') AS country FROM claimed AS c) AS a
),

places AS (
  SELECT
    s.state,
    s.country,
    CASE
      WHEN r.region IS NOT NULL THEN r.region
      WHEN us.state_code IS NOT NULL THEN 'USA'
      ELSE COALESCE(c.name, NULLIF(TRIM(s.country), ''), 'unknown')
    END AS region,
    us.state_code IS NOT NULL
    OR c.country_code IS NOT NULL AND (c.country_code != 'US' OR s.state_spelling = '') AS place_known
  FROM spelt AS s
  LEFT JOIN ref_places AS c ON c.spelling = s.country_spelling AND c.state_code IS NULL
  LEFT JOIN ref_places AS us
    ON us.spelling = s.state_spelling AND us.state_code IS NOT NULL
    AND (c.country_code = 'US' OR s.country_spelling = '')
  LEFT JOIN ref_regions AS r ON r.state = us.state_code
  -- A spelling that stands twice must not double an order.
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY s.state, s.country ORDER BY c.country_code, us.state_code, r.region) = 1
),

orders AS (
  SELECT
    o.order_id,
    o.customer_id,
    CASE
      WHEN o.customer_id IS NULL THEN 'guest'
      WHEN c.customer_id IS NULL THEN 'unknown'
      ELSE COALESCE(c.customer_tier, 'none')
    END AS customer_tier,
    o.order_timestamp,
    o.order_date,
    EXTRACT(HOUR FROM TIMESTAMP_ADD(o.order_timestamp, INTERVAL COALESCE(o.utc_offset_seconds, 0) SECOND)) AS order_hour,
    o.utc_offset_seconds,
    o.updated_at,
    o.items,
    o.total_amount,
    o.currency,
    o.tax_amount,
    o.tax_included,
    o.shipping_amount,
    o.discount_amount,
    o.refunded_amount,
    o.payment_status,
    o.payment_status_text,
    o.street,
    o.city,
    o.state,
    o.zipcode,
    o.country,
    IF(o.has_address, p.region, 'none') AS region,
    NOT o.has_address OR p.place_known AS place_known,
    o.file_id,
    o.parse_id,
    o.verdict,
    o.record_index,
    o.customer_id IS NULL OR c.customer_id IS NOT NULL AS customer_known
  FROM claimed AS o
  LEFT JOIN dim_customers AS c ON c.customer_id = o.customer_id
  LEFT JOIN places AS p ON p.state = COALESCE(o.state, '') AND p.country = COALESCE(o.country, '')
),

order_lines AS (
  SELECT
    o.* EXCEPT (items),
    line_offset + 1 AS line_number,
    item.product_id,
    item.quantity,
    item.unit_price,
    item.discount_amount AS line_discount_amount,
    item.quantity * item.unit_price - COALESCE(item.discount_amount, NUMERIC '0') AS line_total
  FROM orders AS o
  CROSS JOIN UNNEST(o.items) AS item WITH OFFSET AS line_offset
),

named_lines AS (
  SELECT
    l.*,
    p.product_name,
    IF(l.product_id IS NOT NULL AND p.product_id IS NULL, 'unknown', COALESCE(p.category, 'none')) AS category,
    l.product_id IS NULL OR p.product_id IS NOT NULL AS product_known
  FROM order_lines AS l
  LEFT JOIN dim_products AS p ON p.product_id = l.product_id
)

SELECT
  l.*,
  ROW_NUMBER() OVER (PARTITION BY l.order_id, l.category ORDER BY l.line_number) AS category_line_number
FROM named_lines AS l;
