-- What the orders of a day, tier, payment status and place come to, by the first line f of each order.
COUNT(*) AS orders,
SUM(f.total_amount) AS total_revenue,
SUM(COALESCE(f.refunded_amount, NUMERIC '0')) AS refunded_revenue,
SUM(
  -- @include order_paid
) AS paid_revenue
