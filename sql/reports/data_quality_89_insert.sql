-- Grain: one row per measure that the statements before have collected, in the report's order.
-- Run by the reporter's daily run, in the report's transaction.
-- @param report_date DATE
INSERT INTO report_data_quality (
  report_date, position, section, check_name, table_name, subject, value, unit, expectation, status, examples
)
SELECT
  @report_date,
  ROW_NUMBER() OVER (ORDER BY a.section_rank, a.place, a.table_name, a.subject),
  a.section,
  a.check_name,
  a.table_name,
  a.subject,
  a.value,
  a.unit,
  a.expectation,
  a.status,
  a.examples
FROM audit AS a;
