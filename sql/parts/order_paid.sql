-- What was paid of an order, less what was paid back, by a line f of it.
CASE
  WHEN f.payment_status IN ('completed', 'partially_refunded') THEN f.total_amount - COALESCE(f.refunded_amount, NUMERIC '0')
  WHEN f.payment_status = 'refunded' THEN f.total_amount - COALESCE(f.refunded_amount, f.total_amount)
  ELSE NUMERIC '0'
END
