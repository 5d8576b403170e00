-- Grain: one row: how many keys an earlier release has written, whose ids no range of their day holds.
-- Run by provisioning; changes nothing.
WITH
-- @include keys_out_of_range

SELECT COUNT(*) AS missing
FROM out_of_range AS o;
