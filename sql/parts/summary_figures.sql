-- The head figures out of totals, one row, and of the files that brought the orders: how long they took, by nearest
-- rank, and how fresh the warehouse is, in all time.
delays AS (
  SELECT
    TIMESTAMP_DIFF(ledger.loaded_at, ledger.landed_at, MILLISECOND) AS delay_ms,
    ROW_NUMBER() OVER (ORDER BY TIMESTAMP_DIFF(ledger.loaded_at, ledger.landed_at, MILLISECOND)) AS place,
    COUNT(*) OVER () AS files
  FROM file_ledger AS ledger
  JOIN files ON files.file_id = ledger.file_id
),
percentiles AS (
  SELECT
    COUNT(*) AS files,
    MIN(IF(place * 100 >= files * 50, delay_ms, NULL)) AS load_p50_ms,
    MIN(IF(place * 100 >= files * 99, delay_ms, NULL)) AS load_p99_ms
  FROM delays
),
hours AS (
  SELECT MAX(metric_hour) AS newest_order_hour
  FROM agg_hourly_metrics
),
loads AS (
  SELECT MAX(loaded_at) AS newest_load_at
  FROM file_ledger
  WHERE verdict = 'loaded'
)
SELECT
  totals.orders,
  totals.sold_orders,
  totals.paid_orders,
  totals.revenue,
  totals.total_revenue,
  totals.refunded_revenue,
  totals.total_revenue - totals.refunded_revenue AS net_revenue,
  totals.failed_revenue,
  totals.cancelled_revenue,
  totals.pending_revenue,
  totals.other_revenue,
  totals.paid_back_revenue,
  totals.completed_orders,
  totals.completed_revenue,
  totals.revenue / NULLIF(totals.paid_orders, 0) AS avg_order_value,
  totals.total_revenue / NULLIF(totals.orders, 0) AS total_avg_order_value,
  totals.completed_revenue / NULLIF(totals.completed_orders, 0) AS completed_avg_order_value,
  totals.customers,
  totals.newest_fact_at,
  percentiles.files,
  percentiles.load_p50_ms,
  percentiles.load_p99_ms,
  hours.newest_order_hour,
  loads.newest_load_at
FROM totals
CROSS JOIN percentiles
CROSS JOIN hours
CROSS JOIN loads
