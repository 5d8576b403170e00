-- What a day's order lines f of a category come to. Orders are not among it: how they are told apart depends on
-- where the lines come from.
SUM(f.quantity) AS units,
SUM(f.line_total) AS revenue,
SUM(IF(f.payment_status = 'completed', f.line_total, NUMERIC '0')) AS completed_revenue,
SUM(IF(f.payment_status IN ('failed', 'cancelled'), NUMERIC '0', f.line_total)) AS headline_revenue,
SUM(
  -- @include line_paid
) AS paid_revenue
