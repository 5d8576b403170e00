-- The ranges of the ids in named: of each day those of its series, or of all ids together if there are more than twenty,
-- as of random ids that happen to end in digits.
crowded AS (
  SELECT n.order_date
  FROM named AS n
  GROUP BY n.order_date
  HAVING COUNT(DISTINCT n.series) > 20
)

SELECT
  n.order_date,
  IF(c.order_date IS NULL, n.series, '*') AS kept_as,
  MIN(IF(c.order_date IS NULL, n.id_number, n.order_id)) AS first_id,
  MAX(IF(c.order_date IS NULL, n.id_number, n.order_id)) AS last_id
FROM named AS n
LEFT JOIN crowded AS c ON c.order_date = n.order_date
GROUP BY n.order_date, kept_as
