-- What was paid of an order line f: all of it or nothing, since what was paid back is known of whole orders only.
IF(f.payment_status IN ('completed', 'partially_refunded'), f.line_total, NUMERIC '0')
