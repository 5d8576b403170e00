-- Grain: one row per order line whose customer_tier is not what dim_customers showed of its customer when the
-- order was loaded; of an order that came before the customer, it is one that was shown since.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH shown AS (
  SELECT h.customer_id, COALESCE(h.customer_tier, 'none') AS customer_tier, h.valid_from, h.valid_to
  FROM dim_customers_history AS h
  UNION ALL
  SELECT d.customer_id, COALESCE(d.customer_tier, 'none'), d.updated_at, CAST(NULL AS TIMESTAMP)
  FROM dim_customers AS d
),

orders AS (
  SELECT f.order_id, f.customer_id, f.customer_tier, f.loaded_at, COUNT(*) AS lines
  FROM fact_orders AS f
  WHERE f.customer_id IS NOT NULL
  GROUP BY f.order_id, f.customer_id, f.customer_tier, f.loaded_at
),

judged AS (
  SELECT
    o.order_id,
    o.customer_id,
    o.customer_tier,
    o.loaded_at,
    MIN(s.valid_from) AS known_from,
    LOGICAL_OR(
      s.customer_tier = o.customer_tier AND (s.valid_to IS NULL OR s.valid_to > o.loaded_at)
      AND s.valid_from <= o.loaded_at
    ) AS is_of_its_time,
    LOGICAL_OR(s.customer_tier = o.customer_tier) AS was_shown,
    MAX(IF(s.valid_from <= o.loaded_at AND (s.valid_to IS NULL OR s.valid_to > o.loaded_at), s.customer_tier, NULL)) AS shown_then,
    MAX(IF(s.valid_to IS NULL, s.customer_tier, NULL)) AS shown_now
  FROM orders AS o
  LEFT JOIN shown AS s ON s.customer_id = o.customer_id
  GROUP BY o.order_id, o.customer_id, o.customer_tier, o.loaded_at
)

SELECT
  CONCAT(
    'order ', j.order_id, ': customer_tier is ', j.customer_tier, ', customer ', j.customer_id, ' is ',
    CASE
      WHEN j.known_from IS NULL THEN 'unknown'
      ELSE COALESCE(j.shown_then, j.shown_now, 'unknown')
    END, ' in dim_customers'
  ) AS detail
FROM judged AS j
WHERE NOT CASE
  WHEN j.known_from IS NULL THEN j.customer_tier = 'unknown'
  WHEN j.known_from <= j.loaded_at THEN j.is_of_its_time
  ELSE j.was_shown
END;
