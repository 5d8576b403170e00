-- Grain: one row per order of the days @from_date to @to_date, as the warehouse has it.
-- Running it again: reads only.
-- Run by: the ledger with -reconcile.
SELECT
  order_id,
  CAST(order_date AS STRING) AS order_date,
  CAST(total_amount AS STRING) AS total,
  COALESCE(payment_status_text, payment_status) AS payment_status
FROM fact_orders
WHERE order_date BETWEEN @from_date AND @to_date AND line_number = 1
