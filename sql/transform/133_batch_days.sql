-- Grain: one row per day and category in which the batch adds a line, and what it adds. An order counts
-- once in each of its categories.
-- Run by the aggregator in its transaction; of batches that replace orders or repair their products
-- 130_touched_days and what follows it restate the days.
-- @when orders
-- @unless replacing, repairs
CREATE TEMP TABLE batch_days AS
SELECT
  f.order_date,
  f.category,
  COUNTIF(f.category_line_number = 1) AS orders,
  -- @include day_figures
FROM loaded_lines AS f
GROUP BY f.order_date, f.category;
