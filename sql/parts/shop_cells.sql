-- Grain: one row per value of the orders and lines of @profile_dates and of the catalogs, by the place of its column: hundreds are tables
-- (orders, lines, products, customers), and the rest is the column's place among those that the source fills.
SELECT f.order_date AS day, f.order_id AS row_id, c.place, c.word, c.number
FROM fact_orders AS f
CROSS JOIN UNNEST([
  STRUCT(1 AS place, f.order_id AS word, CAST(NULL AS NUMERIC) AS number),
  (2, f.customer_id, NULL),
  (3, f.customer_tier, NULL),
  (4, NULL, CAST(UNIX_SECONDS(f.order_timestamp) AS NUMERIC)),
  (5, NULL, CAST(f.order_hour AS NUMERIC)),
  (6, NULL, CAST(f.utc_offset_seconds AS NUMERIC)),
  (7, NULL, f.total_amount),
  (8, f.currency, NULL),
  (9, f.payment_status, NULL),
  (10, f.payment_status_text, NULL),
  (11, NULL, f.tax_amount),
  (12, CAST(f.tax_included AS STRING), NULL),
  (13, NULL, f.shipping_amount),
  (14, NULL, f.discount_amount),
  (15, NULL, f.refunded_amount),
  (16, f.street, NULL),
  (17, f.city, NULL),
  (18, f.state, NULL),
  (19, f.zipcode, NULL),
  (20, f.country, NULL),
  (21, f.region, NULL),
  (22, NULL, CAST(UNIX_SECONDS(f.updated_at) AS NUMERIC))
]) AS c
WHERE f.order_date IN UNNEST(@profile_dates) AND f.line_number = 1
UNION ALL
SELECT f.order_date, CONCAT(f.order_id, ':', CAST(f.line_number AS STRING)), c.place, c.word, c.number
FROM fact_orders AS f
CROSS JOIN UNNEST([
  STRUCT(101 AS place, CAST(NULL AS STRING) AS word, CAST(f.line_number AS NUMERIC) AS number),
  (102, f.product_id, NULL),
  (103, f.product_name, NULL),
  (104, f.category, NULL),
  (105, NULL, CAST(f.quantity AS NUMERIC)),
  (106, NULL, f.unit_price),
  (107, NULL, f.line_discount_amount),
  (108, NULL, f.line_total)
]) AS c
WHERE f.order_date IN UNNEST(@profile_dates)
UNION ALL
SELECT @report_date, p.product_id, c.place, c.word, c.number
FROM dim_products AS p
CROSS JOIN UNNEST([
  STRUCT(201 AS place, p.product_id AS word, CAST(NULL AS NUMERIC) AS number),
  (202, p.product_name, NULL),
  (203, p.category, NULL),
  (204, NULL, p.price),
  (205, NULL, CAST(p.stock_level AS NUMERIC)),
  (206, CAST(p.is_active AS STRING), NULL)
]) AS c
UNION ALL
SELECT @report_date, d.customer_id, c.place, c.word, c.number
FROM dim_customers AS d
CROSS JOIN UNNEST([
  STRUCT(301 AS place, d.customer_id AS word, CAST(NULL AS NUMERIC) AS number),
  (302, d.name, NULL),
  (303, d.email, NULL),
  (304, NULL, CAST(UNIX_DATE(d.registration_date) AS NUMERIC)),
  (305, d.customer_tier, NULL),
  (306, CAST(d.is_active AS STRING), NULL)
]) AS c
