-- The id of an order k, the series that it is of, and its place there. The series is what stands before the number at its end,
-- such as # in #1001 and WEB-2026- in WEB-2026-000123, and * of an id of another form. A year is the only number before the
-- last one, so that random ids are no series of their own. The place is the number, in as many digits whatever it is,
-- so that numbers are in order as texts are, and the id itself of an id without a series.
k.order_id,
COALESCE(REGEXP_EXTRACT(k.order_id, r'^([^0-9*]{0,32}(?:20[0-9]{2}[^0-9*]{1,4})?)[0-9]{1,18}$'), '*') AS series,
COALESCE(LPAD(REGEXP_EXTRACT(k.order_id, r'^[^0-9*]{0,32}(?:20[0-9]{2}[^0-9*]{1,4})?([0-9]{1,18})$'), 18, '0'), k.order_id) AS id_number
