-- Grain: one row per customer that the batch has changed, as dim_customers showed it before. A row that
-- landed again with the same content is none, and neither is one whose changes cancel each other.
-- Run by the aggregator in its transaction, after the dimension is merged and deactivated.
-- @when customers
CREATE TEMP TABLE changed_customers AS
SELECT b.*
FROM customers_before AS b
JOIN dim_customers AS d ON d.customer_id = b.customer_id
WHERE d.content_hash != b.content_hash OR d.is_active != b.is_active;
