-- What an hour's orders come to by status, by the first line f of each order.
COUNTIF(f.payment_status = 'refunded') AS refunded_orders,
COUNTIF(f.payment_status = 'partially_refunded') AS partially_refunded_orders,
COUNTIF(f.payment_status = 'cancelled') AS cancelled_orders,
SUM(COALESCE(f.refunded_amount, NUMERIC '0')) AS refunded_revenue,
SUM(f.total_amount - COALESCE(f.refunded_amount, NUMERIC '0')) AS net_revenue,
SUM(IF(f.payment_status = 'failed', f.total_amount, NUMERIC '0')) AS failed_revenue,
SUM(IF(f.payment_status = 'cancelled', f.total_amount, NUMERIC '0')) AS cancelled_revenue,
SUM(
  IF(f.payment_status IN ('failed', 'cancelled'), NUMERIC '0', f.total_amount - COALESCE(f.refunded_amount, NUMERIC '0'))
) AS headline_revenue,
