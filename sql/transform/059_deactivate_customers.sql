-- Marks the customers that have disappeared; nothing is deleted, and a later file that names one
-- again makes it active. The file that lacks the row is noted as its last, so that a late file
-- from before it does not bring the row back.
-- Run by the aggregator in its transaction; running it again changes nothing.
-- @when customers
UPDATE dim_customers AS d
SET
  is_active = FALSE,
  file_id = m.file_id,
  landed_at = m.landed_at
FROM missing_customers AS m
WHERE m.customer_id = d.customer_id AND m.deactivate;
