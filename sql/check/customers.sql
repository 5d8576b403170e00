-- Grain: one row per customer, as the model has it, of those whose id's hash begins with part.
-- Run by bench, drill and tests, to compare with the model; reads the whole table.
-- @param part STRING
SELECT c.customer_id, c.name, c.email, c.registration_date, c.customer_tier, c.file_id, NOT c.is_active AS is_inactive
FROM dim_customers AS c
WHERE STARTS_WITH(TO_HEX(MD5(c.customer_id)), @part);
