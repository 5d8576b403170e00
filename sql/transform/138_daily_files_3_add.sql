-- Adds what the batch brings to its days in agg_daily_files. What they are then equals what all their facts come to,
-- and costs no more when there are many.
-- Run by the aggregator in its transaction; of batches that replace orders or repair facts the days are restated.
-- @when orders
-- @unless replacing, repairs
-- @param now TIMESTAMP
-- @param touched_dates ARRAY<DATE>
MERGE INTO agg_daily_files AS a
USING (
  SELECT
    f.order_date, f.file_id,
    COUNTIF(f.line_number = 1) AS orders,
    COUNT(*) AS order_lines
  FROM loaded_lines AS f
  GROUP BY f.order_date, f.file_id
) AS b
ON
  a.order_date IN UNNEST(@touched_dates)
  AND a.order_date = b.order_date
  AND a.file_id = b.file_id
WHEN MATCHED THEN UPDATE SET
  orders = a.orders + b.orders,
  order_lines = a.order_lines + b.order_lines,
  loaded_at = @now,
  updated_at = @now
WHEN NOT MATCHED THEN
  INSERT (order_date, file_id, updated_at, orders, order_lines, loaded_at)
  VALUES (b.order_date, b.file_id, @now, b.orders, b.order_lines, @now);
