-- Removes remarks about days.
-- Grain: the rows of the given ids.
-- Run by pipelinectl annotations remove; running it again changes nothing.
-- @param annotation_ids ARRAY<STRING>
DELETE FROM dashboard_annotations AS a
WHERE a.annotation_id IN UNNEST(@annotation_ids);
