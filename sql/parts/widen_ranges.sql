-- Widens the ranges a by the ranges r.
ON a.order_date = r.order_date AND a.series = r.kept_as
WHEN MATCHED AND (r.first_id < a.first_id OR r.last_id > a.last_id) THEN UPDATE SET
  first_id = LEAST(a.first_id, r.first_id),
  last_id = GREATEST(a.last_id, r.last_id)
WHEN NOT MATCHED THEN
  INSERT (order_date, series, first_id, last_id)
  VALUES (r.order_date, r.kept_as, r.first_id, r.last_id)
