-- Notes a remark about days.
-- Grain: one row, by its id; a remark that is there already stays as it is, with who wrote it first.
-- Run by pipelinectl annotations add; running it again changes nothing.
-- @param annotation_id STRING
-- @param from_date DATE
-- @param to_date DATE
-- @param start_hour INT64
-- @param text STRING
-- @param category STRING
-- @param author STRING
-- @param noted_at TIMESTAMP
MERGE INTO dashboard_annotations AS a
USING (SELECT given AS annotation_id FROM UNNEST([@annotation_id]) AS given GROUP BY annotation_id) AS n
ON a.annotation_id = n.annotation_id
WHEN NOT MATCHED THEN
  INSERT (annotation_id, from_date, to_date, start_hour, text, category, author, noted_at)
  VALUES (n.annotation_id, @from_date, @to_date, @start_hour, @text, @category, @author, @noted_at);
