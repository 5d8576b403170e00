-- Grain: one row per customer that the batch has changed: what the dimension has shown until now.
-- Run by the aggregator in its transaction.
-- @when customers
-- @param now TIMESTAMP
INSERT INTO dim_customers_history (
  customer_id, name, email, registration_date, customer_tier, is_active, content_hash, file_id, landed_at, valid_from, valid_to
)
SELECT
  c.customer_id, c.name, c.email, c.registration_date, c.customer_tier, c.is_active, c.content_hash, c.file_id, c.landed_at, c.updated_at, @now
FROM changed_customers AS c;
