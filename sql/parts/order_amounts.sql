-- What an order is worth: all of it, or with a category chosen its lines of that category. What was paid back is known
-- of whole orders only, so with a category it is nothing unless the order was refunded as a whole.
IF(@category IS NULL, total_amount, line_total) AS amount,
CASE
  WHEN payment_status = 'refunded' THEN IF(@category IS NULL, COALESCE(refunded_amount, total_amount), line_total)
  WHEN @category IS NULL THEN COALESCE(refunded_amount, 0)
  ELSE 0
END AS paid_back,
payment_status IN ('completed', 'partially_refunded', 'refunded') AS is_paid,
IF(@category IS NULL, line_number, category_line_number) = 1 AS is_order
