-- Grain: one row per table: how many rows it holds up to the report date; of the dimensions and open
-- references, which keep no history, how many they hold now.
-- Run by the reporter's daily run, in the report's transaction. It reads one or two columns of each.
-- @param report_date DATE
-- @param data_through TIMESTAMP
-- @param day_end TIMESTAMP
INSERT INTO audit (section_rank, place, section, check_name, table_name, subject, value, unit, expectation, status)
WITH counts AS (
  SELECT 1 AS place, 'fact_orders' AS table_name, COUNT(*) AS held FROM fact_orders AS f WHERE f.order_date <= @report_date
  UNION ALL
  SELECT 2, 'order_keys', COUNT(*) FROM order_keys AS k WHERE k.order_date <= @report_date
  UNION ALL
  SELECT 3, 'dim_products', COUNT(*) FROM dim_products AS p
  UNION ALL
  SELECT 4, 'dim_customers', COUNT(*) FROM dim_customers AS c
  UNION ALL
  SELECT 5, 'agg_hourly_metrics', COUNT(*) FROM agg_hourly_metrics AS a
  WHERE a.metric_hour < TIMESTAMP(DATE_ADD(@report_date, INTERVAL 2 DAY)) AND COALESCE(a.order_date, DATE(a.metric_hour)) <= @report_date
  UNION ALL
  SELECT 6, 'agg_category_revenue', COUNT(*) FROM agg_category_revenue AS a WHERE a.metric_date <= @report_date
  UNION ALL
  SELECT 7, 'file_ledger', COUNT(*) FROM file_ledger AS l WHERE l.loaded_at < @data_through
  UNION ALL
  SELECT 8, 'data_quality_checks', COUNT(*) FROM data_quality_checks AS q WHERE q.check_timestamp < @data_through
  UNION ALL
  SELECT 9, 'v_rejected_records', COUNT(*) FROM v_rejected_records AS r WHERE r.landed_date <= DATE_ADD(@report_date, INTERVAL 1 DAY) AND r.landed_at < @day_end
  UNION ALL
  SELECT 10, 'v_dead_letters', COUNT(*) FROM v_dead_letters AS d WHERE d.dead_lettered_date <= DATE_ADD(@report_date, INTERVAL 1 DAY) AND d.dead_lettered_at < @day_end
  UNION ALL
  SELECT 11, 'unresolved_refs', COUNT(*) FROM unresolved_refs AS u
)

SELECT
  8, c.place, 'rows', 'rows', c.table_name, CAST(NULL AS STRING), CAST(c.held AS NUMERIC), 'count', CAST(NULL AS STRING), 'info'
FROM counts AS c;
