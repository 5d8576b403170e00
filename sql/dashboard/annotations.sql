-- What people have remarked about days, the newest days first.
-- Grain: one row per annotation, also if it was written twice at the same moment.
-- Reads only; run by the reporter when the table has changed, and by pipelinectl annotations. The table has a row per remark.
-- @param page_size INT64
SELECT a.annotation_id, a.from_date, a.to_date, a.start_hour, a.text, a.category, a.author, a.noted_at
FROM dashboard_annotations AS a
QUALIFY ROW_NUMBER() OVER (PARTITION BY a.annotation_id ORDER BY a.noted_at) = 1
ORDER BY a.from_date DESC, a.start_hour DESC, a.annotation_id
LIMIT @page_size;
