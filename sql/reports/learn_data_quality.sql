-- Grain: one row per day whose facts the audit recounts. Those are the days that changed since they were recounted:
-- whose aggregates say something else or were written anew, that have a recount and no aggregates, or aggregates and no
-- recount; those noted as waiting for what a catalog knows by now; those whose recount found a fault, which may be mended;
-- beyond these the @audit_days whose recount is oldest, so that each day has its turn; and the days between them
-- that have nothing, which cost nothing to read.
-- Reads only; run by the reporter's daily run, before the report's transaction, whose partitions are pruned by
-- literals alone. It reads the small aggregates, no facts and no keys.
-- @param audit_days INT64
WITH aggregates AS (
  -- @include day_aggregates
),

waiting AS (
  SELECT u.order_date
  FROM unresolved_refs AS u
  JOIN dim_products AS p ON u.ref_kind = 'product' AND p.product_id = u.ref_id
  UNION DISTINCT
  SELECT u.order_date
  FROM unresolved_refs AS u
  JOIN dim_customers AS c ON u.ref_kind = 'customer' AND c.customer_id = u.ref_id
  WHERE c.customer_tier IS DISTINCT FROM 'unknown'
),

known AS (
  SELECT
    COALESCE(r.order_date, a.order_date) AS order_date,
    r.recounted_at,
    r.order_date IS NULL
    OR a.order_date IS NULL
    OR r.faults > 0
    OR r.restated_at IS DISTINCT FROM a.restated_at
    OR r.hour_orders != a.hour_orders
    OR r.hour_revenue != a.hour_revenue
    OR r.category_revenue != a.category_revenue
    OR r.place_orders != a.place_orders
    OR r.place_revenue != a.place_revenue
    OR r.file_orders != a.file_orders
    OR r.file_lines != a.file_lines
    OR COALESCE(r.order_date, a.order_date) IN (SELECT w.order_date FROM waiting AS w) AS is_due
  FROM audit_days AS r
  FULL JOIN aggregates AS a ON a.order_date = r.order_date
),

turns AS (
  SELECT k.order_date, k.is_due, ROW_NUMBER() OVER (PARTITION BY k.is_due ORDER BY k.recounted_at, k.order_date) AS turn
  FROM known AS k
),

span AS (
  SELECT MIN(k.order_date) AS first_date, MAX(k.order_date) AS last_date
  FROM known AS k
)

SELECT t.order_date AS day
FROM turns AS t
WHERE t.is_due OR t.turn <= @audit_days
UNION ALL
SELECT gap AS day
FROM span AS s
CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(s.first_date, s.last_date)) AS gap
WHERE gap NOT IN (SELECT k.order_date FROM known AS k)
ORDER BY day;
