-- What an order is worth: all of it, or with a category chosen its lines of that category. What was paid back is known
-- of whole orders only, so with a category it is nothing unless the order was refunded as a whole.
payment_status IN ('completed', 'partially_refunded', 'refunded') AS is_paid,
-- @if category
line_total AS amount,
IF(payment_status = 'refunded', line_total, 0) AS paid_back,
category_line_number = 1 AS is_order
-- @end
-- @if not category
total_amount AS amount,
COALESCE(refunded_amount, IF(payment_status = 'refunded', total_amount, 0)) AS paid_back,
TRUE AS is_order
-- @end
