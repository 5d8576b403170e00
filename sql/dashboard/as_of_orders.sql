-- The orders that explain why a period's figures are not what they were at a moment, those that move the revenue most
-- first. Their differences add up to those of as_of.
-- Grain: one row per order that passes the filters then or now, and counts on another day, under another status or with other
-- amounts, or at one of the two moments alone. kind is new (not among the period's orders then), removed (not among them
-- now), status, refund, amount, or other: the order's day, place, tier or categories have changed.
-- all_* are sums over all such orders.
-- Reads only; run by the reporter.
-- @param from_date DATE
-- @param to_date DATE
-- @param from_time TIMESTAMP
-- @param to_time TIMESTAMP
-- @param moment TIMESTAMP
-- @param changed_from DATE
-- @param changed_to DATE
-- @param category STRING
-- @param region STRING
-- @param state STRING
-- @param tier STRING
-- @param status STRING
-- @param after_index INT64
-- @param page_size INT64
WITH
-- @include as_of_lines
,
orders AS (
  SELECT
    order_id,
    COUNTIF(NOT is_now) > 0 AS is_known_then,
    COUNTIF(is_now) > 0 AS is_known_now,
    MIN(IF(is_now, NULL, order_date)) AS order_date_then,
    MIN(IF(is_now, order_date, NULL)) AS order_date_now,
    MIN(IF(is_now, NULL, payment_status)) AS status_then,
    MIN(IF(is_now, payment_status, NULL)) AS status_now,
    COUNTIF(passes AND is_order AND NOT is_now) AS orders_then,
    COUNTIF(passes AND is_order AND is_now) AS orders_now,
    SUM(IF(passes AND is_paid AND NOT is_now, amount - paid_back, NUMERIC '0')) AS revenue_then,
    SUM(IF(passes AND is_paid AND is_now, amount - paid_back, NUMERIC '0')) AS revenue_now,
    SUM(IF(passes AND NOT is_now, amount, NUMERIC '0')) AS total_revenue_then,
    SUM(IF(passes AND is_now, amount, NUMERIC '0')) AS total_revenue_now,
    SUM(IF(passes AND NOT is_now, refunded, NUMERIC '0')) AS refunded_revenue_then,
    SUM(IF(passes AND is_now, refunded, NUMERIC '0')) AS refunded_revenue_now
  FROM lines
  GROUP BY order_id
),
changed AS (
  SELECT
    o.*,
    CASE
      WHEN NOT o.is_known_then THEN 'new'
      WHEN NOT o.is_known_now THEN 'removed'
      WHEN o.status_then != o.status_now THEN 'status'
      WHEN o.refunded_revenue_then != o.refunded_revenue_now AND o.orders_then = o.orders_now THEN 'refund'
      WHEN o.total_revenue_then != o.total_revenue_now AND o.orders_then = o.orders_now THEN 'amount'
      ELSE 'other'
    END AS kind
  FROM orders AS o
  WHERE
    o.orders_then != o.orders_now
    OR o.revenue_then != o.revenue_now
    OR o.total_revenue_then != o.total_revenue_now
    OR o.refunded_revenue_then != o.refunded_revenue_now
    OR o.orders_then > 0 AND (o.order_date_then != o.order_date_now OR o.status_then != o.status_now)
),
ranked AS (
  SELECT
    ROW_NUMBER() OVER (
      ORDER BY ABS(c.revenue_now - c.revenue_then) DESC, ABS(c.total_revenue_now - c.total_revenue_then) DESC, c.order_id
    ) AS place,
    c.*,
    COUNT(*) OVER () AS all_entries,
    COUNTIF(c.kind = 'new') OVER () AS all_new_orders,
    COUNTIF(c.kind = 'removed') OVER () AS all_removed_orders,
    COUNTIF(c.kind = 'status') OVER () AS all_status_orders,
    COUNTIF(c.kind = 'refund') OVER () AS all_refund_orders,
    COUNTIF(c.kind = 'amount') OVER () AS all_amount_orders,
    COUNTIF(c.kind = 'other') OVER () AS all_other_orders,
    SUM(IF(c.kind = 'new', c.revenue_now - c.revenue_then, NUMERIC '0')) OVER () AS all_new_revenue,
    SUM(IF(c.kind = 'removed', c.revenue_now - c.revenue_then, NUMERIC '0')) OVER () AS all_removed_revenue,
    SUM(IF(c.kind = 'status', c.revenue_now - c.revenue_then, NUMERIC '0')) OVER () AS all_status_revenue,
    SUM(IF(c.kind = 'refund', c.revenue_now - c.revenue_then, NUMERIC '0')) OVER () AS all_refund_revenue,
    SUM(IF(c.kind = 'amount', c.revenue_now - c.revenue_then, NUMERIC '0')) OVER () AS all_amount_revenue,
    SUM(IF(c.kind = 'other', c.revenue_now - c.revenue_then, NUMERIC '0')) OVER () AS all_other_revenue,
    SUM(c.orders_now - c.orders_then) OVER () AS all_orders_difference,
    SUM(c.revenue_now - c.revenue_then) OVER () AS all_revenue_difference,
    SUM(c.total_revenue_now - c.total_revenue_then) OVER () AS all_total_revenue_difference,
    SUM(c.refunded_revenue_now - c.refunded_revenue_then) OVER () AS all_refunded_revenue_difference
  FROM changed AS c
)
SELECT
  r.* EXCEPT (is_known_then, is_known_now),
  r.orders_now - r.orders_then AS orders_difference,
  r.revenue_now - r.revenue_then AS revenue_difference,
  r.total_revenue_now - r.total_revenue_then AS total_revenue_difference,
  r.refunded_revenue_now - r.refunded_revenue_then AS refunded_revenue_difference
FROM ranked AS r
WHERE r.place > @after_index
ORDER BY r.place
LIMIT @page_size;
