-- Gives the keys of an earlier release the ranges of their ids, by which duplicates are looked for.
-- Run by provisioning; what has its range is not touched again.
MERGE INTO order_id_ranges AS a
USING (
  WITH named AS (
    SELECT
      k.order_date,
      k.order_id,
      -- @include id_series
      AS series,
      -- @include id_number
      AS id_number
    FROM order_keys AS k
  ),

  -- @include ranges_of_ids
) AS r
-- @include widen_ranges
;
