-- Gives the keys of an earlier release the ranges of their ids, by which duplicates are looked for.
-- Run by provisioning; what has its range is not touched again.
MERGE INTO order_id_ranges AS a
USING (
  WITH named AS (
    SELECT
      k.order_date,
      -- @include named_ids
    FROM order_keys AS k
  ),

  -- @include ranges_of_ids
) AS r
-- @include widen_ranges
;
