-- Rows of a report in its order, one page at a time.
-- Grain: that of report_profile. The select list is what the report's CSV file and the JSON API show.
-- Reads only; run by the reporter, and by its daily run for the files.
-- @param report_date DATE
-- @param after_position INT64
-- @param page_size INT64
SELECT
  r.position, r.table_name, r.column_name, r.data_type, r.is_personal, r.row_count, r.filled, r.filled_share, r.distinct_values,
  r.smallest, r.p05, r.p25, r.p50, r.p75, r.p95, r.largest, r.mean, r.top_values,
  r.compared_days, r.usual_rows, r.usual_filled_share, r.usual_distinct_values, r.usual_mean, r.unusual
FROM report_profile AS r
WHERE r.report_date = @report_date AND r.position > @after_position
ORDER BY r.position
LIMIT @page_size;
