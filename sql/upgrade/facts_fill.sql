-- Gives the lines of an earlier release what the next one tells: the source's word for the payment
-- status beside ours, NULL instead of an empty text, and no region for what is not shipped.
-- Run by provisioning; a line that has it is not touched again.
UPDATE fact_orders AS f
SET
  payment_status_text = f.payment_status,
  payment_status = IF(f.payment_status = 'canceled', 'cancelled', f.payment_status),
  street = NULLIF(f.street, ''),
  city = NULLIF(f.city, ''),
  state = NULLIF(f.state, ''),
  zipcode = NULLIF(f.zipcode, ''),
  country = NULLIF(f.country, ''),
  region = IF(
    COALESCE(NULLIF(f.street, ''), NULLIF(f.city, ''), NULLIF(f.state, ''), NULLIF(f.zipcode, ''), NULLIF(f.country, '')) IS NULL,
    'none',
    f.region
  )
WHERE f.payment_status_text IS NULL;
