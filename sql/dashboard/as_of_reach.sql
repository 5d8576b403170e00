-- What As of asks first: since when it is known what the facts have shown, and which days of the period
-- hold facts that were written after the moment. The days are the whole period if a filter asks for what a
-- catalog names, because then facts change that nobody wrote.
-- Grain: exactly one row; first_load_at is NULL if nothing has been loaded.
-- Reads only; run by the reporter.
-- @param from_date DATE
-- @param to_date DATE
-- @param moment TIMESTAMP
WITH days AS (
  SELECT MIN(d.order_date) AS first_date, MAX(d.order_date) AS last_date
  FROM agg_daily_files AS d
  WHERE d.order_date BETWEEN @from_date AND @to_date AND d.loaded_at > @moment
),
loads AS (
  SELECT MIN(l.loaded_at) AS loaded_at FROM file_ledger AS l
  UNION ALL
  SELECT MIN(h.loaded_at) FROM file_ledger_history AS h
)
SELECT
  MIN(l.loaded_at) AS first_load_at,
  LEAST(
    -- @if category
    @from_date,
    -- @end
    -- @if tier
    @from_date,
    -- @end
    COALESCE(ANY_VALUE(d.first_date), @to_date)
  ) AS changed_from,
  GREATEST(
    -- @if category
    @to_date,
    -- @end
    -- @if tier
    @to_date,
    -- @end
    COALESCE(ANY_VALUE(d.last_date), @to_date)
  ) AS changed_to
FROM loads AS l
CROSS JOIN days AS d;
