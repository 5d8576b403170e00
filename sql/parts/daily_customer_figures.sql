-- What the orders of a day, customer and tier come to, by the first line f of each order.
COUNT(*) AS orders,
SUM(
  IF(f.payment_status IN ('failed', 'cancelled'), NUMERIC '0', f.total_amount - COALESCE(f.refunded_amount, NUMERIC '0'))
) AS headline_revenue,
SUM(IF(f.payment_status = 'completed', f.total_amount, NUMERIC '0')) AS completed_revenue,
COUNTIF(f.payment_status IN ('completed', 'partially_refunded', 'refunded')) AS paid_orders,
SUM(
  -- @include order_paid
) AS paid_revenue
