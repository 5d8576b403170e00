-- Fills report_fence with its one row, at epoch 0.
-- Running it again changes nothing, whatever the epoch has become. Run by
-- whoever provisions the dataset, one at a time.
INSERT INTO report_fence (id, epoch)
SELECT id, 0 AS epoch
FROM UNNEST([1]) AS id
WHERE NOT EXISTS (SELECT 1 FROM report_fence);
