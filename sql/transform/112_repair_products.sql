-- Gives the facts that waited for a product its name and category, and numbers their orders' lines
-- anew within the categories.
-- Run by the aggregator in its transaction; a repaired fact is not touched again.
-- @when repairs
-- @param repair_dates ARRAY<DATE>
UPDATE fact_orders AS f
SET
  product_name = r.product_name,
  category = r.category,
  category_line_number = r.category_line_number
FROM repaired_lines AS r
WHERE
  f.order_date IN UNNEST(@repair_dates)
  AND f.order_id = r.order_id
  AND f.line_number = r.line_number;
