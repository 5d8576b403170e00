-- The tiers by average order value, highest first, out of what each comes to.
averages AS (
  SELECT
    *,
    revenue / NULLIF(paid_orders, 0) AS avg_order_value,
    total_revenue / NULLIF(orders, 0) AS total_avg_order_value,
    completed_revenue / NULLIF(completed_orders, 0) AS completed_avg_order_value
  FROM tiers
),
ranked AS (
  SELECT
    *,
    ROW_NUMBER() OVER (
      ORDER BY
        CASE @rank_by
          WHEN 'completed_revenue' THEN completed_avg_order_value
          WHEN 'total_revenue' THEN total_avg_order_value
          ELSE avg_order_value
        END DESC,
        customer_tier
    ) AS place,
    COUNT(*) OVER () AS all_entries,
    SUM(orders) OVER () AS all_orders,
    SUM(paid_orders) OVER () AS all_paid_orders,
    SUM(completed_orders) OVER () AS all_completed_orders,
    SUM(revenue) OVER () AS all_revenue,
    SUM(total_revenue) OVER () AS all_total_revenue,
    SUM(completed_revenue) OVER () AS all_completed_revenue
  FROM averages
)
SELECT
  place,
  customer_tier,
  orders,
  customers,
  sold_orders,
  paid_orders,
  revenue,
  avg_order_value,
  total_revenue,
  total_avg_order_value,
  completed_orders,
  completed_revenue,
  completed_avg_order_value,
  all_entries,
  all_orders,
  all_paid_orders,
  all_completed_orders,
  all_revenue,
  all_total_revenue,
  all_completed_revenue
FROM ranked
WHERE place > @after_index
ORDER BY place
LIMIT @page_size
