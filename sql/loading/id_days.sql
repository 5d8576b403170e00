-- Grain: one row per day on which the warehouse may hold an order of the given readings: a day whose ids
-- are in the same ranges as theirs; and how many days hold orders at all. Ids that are numbered in order of time leave a
-- day or two, random ones nearly all: then the marks of the keys tell more for less.
-- The readings' ids are taken together by series and day, and by ten thousand of their numbers, so that there is little to
-- compare; a day that comes into question besides costs no more than its keys.
-- Run by the aggregator before each transaction with orders; it reads no keys.
-- @param file_ids ARRAY<STRING>
-- @param parse_ids ARRAY<STRING>
-- @param landed_dates ARRAY<DATE>
WITH named AS (
  SELECT
    DATE(k.order_timestamp) AS placed_on,
    -- @include named_ids
  FROM staging_orders AS k
  WHERE
    k.landed_date IN UNNEST(@landed_dates)
    AND k.file_id IN UNNEST(@file_ids)
    AND k.parse_id IN UNNEST(@parse_ids)
),

spans AS (
  SELECT n.series, MIN(n.id_number) AS first_id, MAX(n.id_number) AS last_id
  FROM named AS n
  WHERE n.series != '*'
  GROUP BY n.series, n.placed_on, LEFT(n.id_number, 14)
  UNION ALL
  SELECT '*', MIN(n.order_id), MAX(n.order_id)
  FROM named AS n
  GROUP BY n.series, n.placed_on
),

held AS (
  SELECT COUNT(DISTINCT r.order_date) AS days
  FROM order_id_ranges AS r
)

SELECT DISTINCT r.order_date AS day, h.days AS days_held
FROM order_id_ranges AS r
JOIN spans AS s ON s.series = r.series AND s.first_id <= r.last_id AND s.last_id >= r.first_id
CROSS JOIN held AS h;
