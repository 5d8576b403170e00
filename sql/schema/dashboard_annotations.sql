-- Grain: one row per remark about a day, some days, or an hour of the shop's clock, such as a sale or a campaign. Two commands that
-- write the same remark at the same moment may leave it twice, with the same content and the same id; it is read once.
-- Written by pipelinectl annotations, read by the dashboard.
CREATE TABLE dashboard_annotations (
  annotation_id STRING NOT NULL OPTIONS (description = 'Derived from days, hour, category and text, so that the same remark is there once'),
  from_date DATE NOT NULL OPTIONS (description = "First day that it is about, on the shop's clock"),
  to_date DATE NOT NULL OPTIONS (description = 'Last day; from_date if it is about one'),
  start_hour INT64 OPTIONS (description = "Hour of the shop's clock on from_date that it is about, 0 to 23; NULL if it is about whole days"),
  text STRING NOT NULL OPTIONS (description = 'What happened, as a person wrote it'),
  category STRING OPTIONS (description = 'Product category that it is about; NULL if it is about the whole shop'),
  author STRING NOT NULL OPTIONS (description = 'Who wrote it, by the name that they gave'),
  noted_at TIMESTAMP NOT NULL OPTIONS (description = 'When it was written')
)
OPTIONS (description = 'What happened on days that the dashboard shows');
