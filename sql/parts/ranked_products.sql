-- The products by revenue, highest first, out of what the sold lines of each come to.
ranked AS (
  SELECT
    *,
    ROW_NUMBER() OVER (ORDER BY CASE @rank_by WHEN 'completed_revenue' THEN completed_revenue WHEN 'total_revenue' THEN total_revenue ELSE revenue END DESC, product_id) AS place,
    COUNT(*) OVER () AS all_entries,
    SUM(units) OVER () AS all_units,
    SUM(revenue) OVER () AS all_revenue,
    SUM(total_revenue) OVER () AS all_total_revenue,
    SUM(completed_revenue) OVER () AS all_completed_revenue
  FROM sold
),
best AS (
  SELECT *
  FROM ranked
  WHERE place > @after_index
  ORDER BY place
  LIMIT @page_size
)
SELECT
  best.place,
  best.product_id,
  COALESCE(dim_products.product_name, best.product_name) AS product_name,
  IF(dim_products.product_id IS NULL, best.category, COALESCE(dim_products.category, 'none')) AS category,
  best.order_lines,
  best.units,
  best.revenue,
  best.total_revenue,
  best.completed_revenue,
  best.all_entries,
  best.all_units,
  best.all_revenue,
  best.all_total_revenue,
  best.all_completed_revenue
FROM best
LEFT JOIN dim_products ON dim_products.product_id = best.product_id
ORDER BY best.place
