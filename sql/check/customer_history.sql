-- Grain: one row per customer and content that the dimension has had before, as the model has it, of
-- those whose id's hash begins with part.
-- Run by bench, drill and tests, to compare with the model; reads the whole table.
-- @param part STRING
SELECT
  h.customer_id, h.valid_from, h.valid_to, h.name, h.email, h.registration_date, h.customer_tier, h.file_id, NOT h.is_active AS is_inactive
FROM dim_customers_history AS h
WHERE STARTS_WITH(TO_HEX(MD5(h.customer_id)), @part);
