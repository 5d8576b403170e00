-- Grain: one row per key that no range of order_id_ranges holds, so that a duplicate of its order would be
-- overlooked, and per day and series that stands there more than once. A range may be wider than its ids.
-- Run by whoever verifies the warehouse; it reads whole tables and changes nothing.
WITH
-- @include keys_out_of_range

SELECT CONCAT('order ', o.order_id, ': no range of ', CAST(o.order_date AS STRING), ' holds its id') AS detail
FROM out_of_range AS o
UNION ALL
SELECT CONCAT('ids of ', CAST(r.order_date AS STRING), ' ', r.series, ': the range stands ', CAST(COUNT(*) AS STRING), ' times')
FROM order_id_ranges AS r
GROUP BY r.order_date, r.series
HAVING COUNT(*) > 1;
