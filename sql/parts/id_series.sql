-- What the id of an order k has before its number, such as # in #1001 and WEB-2026- in WEB-2026-000123, and * of an id
-- of another form. A year is the only number before the last one, so that random ids are no series of their own.
COALESCE(REGEXP_EXTRACT(k.order_id, r'^([^0-9*]{0,32}(?:20[0-9]{2}[^0-9*]{1,4})?)[0-9]{1,18}$'), '*')
