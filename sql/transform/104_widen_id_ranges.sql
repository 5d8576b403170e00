-- Widens the ranges of ids of the days that the batch's orders are of, so that its keys are found.
-- Run by the aggregator in its transaction, together with the keys.
-- @when orders
MERGE INTO order_id_ranges AS a
USING (
  WITH named AS (
    SELECT
      k.order_date,
      -- @include named_ids
    FROM order_claims AS k
    WHERE k.is_current
  ),

  -- @include ranges_of_ids
) AS r
-- @include widen_ranges
;
