-- Grain: the one row of the fence.
-- Run by provisioning; changes nothing when the row is there.
MERGE report_fence AS f
USING (SELECT 1 AS id) AS s
ON f.id = s.id
WHEN NOT MATCHED THEN INSERT (id, epoch) VALUES (s.id, 0);
