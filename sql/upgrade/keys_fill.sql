-- Gives the keys of an earlier release their marks. Until then the day of such a key is read
-- whole in each transaction, since it may be any order's.
-- Run by provisioning; a key that has one is not touched again.
UPDATE order_keys AS k
SET order_mark =
  -- @include order_mark
WHERE k.order_mark IS NULL;
