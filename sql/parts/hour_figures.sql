-- What an hour's orders come to, by the first line f of each order. Distinct customers are not among
-- it: they do not add up.
COUNT(*) AS total_orders,
SUM(f.total_amount) AS total_revenue,
COUNTIF(f.payment_status = 'completed') AS completed_orders,
SUM(IF(f.payment_status = 'completed', f.total_amount, NUMERIC '0')) AS completed_revenue,
COUNTIF(f.payment_status = 'pending') AS pending_orders,
COUNTIF(f.payment_status = 'failed') AS failed_orders,
COUNTIF(f.payment_status NOT IN ('completed', 'pending', 'failed', 'refunded', 'partially_refunded', 'cancelled')) AS other_orders,
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
SUM(
  -- @include order_paid
) AS paid_revenue
