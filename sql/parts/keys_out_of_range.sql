-- The keys that no range of their day holds: a duplicate of such an order would be overlooked.
named AS (
  SELECT
    k.order_date,
    -- @include named_ids
  FROM order_keys AS k
),

out_of_range AS (
  SELECT n.order_date, n.order_id
  FROM named AS n
  LEFT JOIN order_id_ranges AS r
    ON r.order_date = n.order_date
    AND (
      r.series = n.series AND n.id_number BETWEEN r.first_id AND r.last_id
      OR r.series = '*' AND n.order_id BETWEEN r.first_id AND r.last_id
    )
  GROUP BY n.order_date, n.order_id
  HAVING COUNT(r.order_date) = 0
)
