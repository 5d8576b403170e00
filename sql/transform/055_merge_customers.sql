-- Merges the batch's newest rows into dim_customers; a row changes only by a file that landed later,
-- or by a new reading of the file that wrote it. It is active unless it says itself that it is not.
-- Run by the aggregator in its transaction; running it again changes nothing.
-- @when customers
-- @param now TIMESTAMP
MERGE INTO dim_customers AS d
USING newest_customers AS s
ON d.customer_id = s.customer_id
WHEN MATCHED AND (s.landed_at > d.landed_at OR s.file_id = d.file_id) THEN UPDATE SET
  name = s.name,
  email = s.email,
  registration_date = s.registration_date,
  customer_tier = s.customer_tier,
  is_active = s.is_active,
  content_hash = s.content_hash,
  file_id = s.file_id,
  landed_at = s.landed_at
WHEN NOT MATCHED THEN
  INSERT (customer_id, name, email, registration_date, customer_tier, is_active, content_hash, file_id, landed_at, updated_at)
  VALUES (s.customer_id, s.name, s.email, s.registration_date, s.customer_tier, s.is_active, s.content_hash, s.file_id, s.landed_at, @now);
