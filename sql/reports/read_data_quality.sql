-- Rows of a report in its order, one page at a time.
-- Grain: that of report_data_quality. The select list is what the report's CSV file and the JSON API show.
-- Reads only; run by the reporter, and by its daily run for the files.
-- @param report_date DATE
-- @param after_position INT64
-- @param page_size INT64
SELECT
  r.position, r.section, r.check_name, r.table_name, r.subject, r.value, r.unit, r.expectation, r.status, r.examples
FROM report_data_quality AS r
WHERE r.report_date = @report_date AND r.position > @after_position
ORDER BY r.position
LIMIT @page_size;
