-- Grain: one row: how many files have another number of lines in the facts and the replaced versions than
-- the ledger says.
-- Run by the reporter's daily run, in the report's transaction. It reads one column of the facts; no order
-- is dated more than a year behind its file's landing.
-- @param report_date DATE
-- @param data_through TIMESTAMP
INSERT INTO audit (section_rank, place, section, check_name, table_name, subject, value, unit, expectation, status)
WITH counted AS (
  SELECT f.file_id, COUNT(*) AS order_lines
  FROM fact_orders AS f
  WHERE f.order_date <= DATE_ADD(@report_date, INTERVAL 400 DAY)
  GROUP BY f.file_id
  UNION ALL
  SELECT h.file_id, SUM(h.lines) AS order_lines
  FROM order_history AS h
  WHERE h.order_date <= DATE_ADD(@report_date, INTERVAL 400 DAY) AND h.outcome = 'superseded'
  GROUP BY h.file_id
),

facts AS (
  SELECT c.file_id, SUM(c.order_lines) AS order_lines
  FROM counted AS c
  GROUP BY c.file_id
),

differing AS (
  SELECT COUNT(*) AS files
  FROM file_ledger AS l
  LEFT JOIN facts AS f ON f.file_id = l.file_id
  WHERE l.loaded_at < @data_through AND l.lines != COALESCE(f.order_lines, 0)
)

SELECT
  7, 2, 'ledger', 'files_with_other_lines', 'fact_orders', CAST(NULL AS STRING), CAST(d.files AS NUMERIC), 'count', '0',
  IF(d.files = 0, 'ok', 'error')
FROM differing AS d;
