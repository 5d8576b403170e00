-- The number at the end of the id of an order k, in as many digits whatever it is, so that numbers are in order as
-- texts are. Of an id without one, which is of no series, it is the id.
COALESCE(LPAD(REGEXP_EXTRACT(k.order_id, r'^[^0-9*]{0,32}(?:20[0-9]{2}[^0-9*]{1,4})?([0-9]{1,18})$'), 18, '0'), k.order_id)
