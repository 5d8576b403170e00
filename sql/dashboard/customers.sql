-- How many customers paid in a period, who of them was new and who had paid before it, and how many of all customers
-- ever came back, as the newest report knows it: days after its date are in no figure.
-- Grain: exactly one row. known_to is NULL if the report knows no day of the period.
-- A customer counts on the one day of the period that has no earlier day of his in the period. New is whose first paid
-- order ever is of the period, returning who had paid before the period began; together they are customers.
-- repeat_customers are those of ever_customers, who have paid up to the period's end, with two paid orders or more by then.
-- Guests are nobody that could come back, and stand apart.
-- Reads only; run by the reporter. It reads one night's report_customer_days, whatever the period.
-- @param report_date DATE
-- @param data_through TIMESTAMP
-- @param from_date DATE
-- @param to_date DATE
WITH days AS (
  SELECT
    d.*,
    d.order_date >= @from_date AS in_period
  FROM report_customer_days AS d
  WHERE d.report_date = @report_date AND d.order_date <= @to_date
)

SELECT
  @report_date AS report_date,
  @data_through AS data_through,
  IF(@from_date <= @report_date, LEAST(@to_date, @report_date), NULL) AS known_to,
  COALESCE(SUM(IF(d.in_period AND (d.previous_date IS NULL OR d.previous_date < @from_date), d.customers, 0)), 0) AS customers,
  COALESCE(SUM(IF(d.in_period AND d.previous_date IS NULL, d.customers, 0)), 0) AS new_customers,
  COALESCE(SUM(IF(d.in_period AND d.previous_date < @from_date, d.customers, 0)), 0) AS returning_customers,
  COALESCE(SUM(IF(d.previous_date IS NULL, d.customers, 0)), 0) AS ever_customers,
  COALESCE(SUM(d.second_customers), 0) AS repeat_customers,
  CAST(SUM(d.second_customers) AS NUMERIC) / NULLIF(SUM(IF(d.previous_date IS NULL, d.customers, 0)), 0) AS repeat_rate,
  COALESCE(SUM(IF(d.in_period AND NOT d.is_guest, d.orders, 0)), 0) AS orders,
  COALESCE(SUM(IF(d.in_period AND NOT d.is_guest, d.revenue, NUMERIC '0')), NUMERIC '0') AS revenue,
  COALESCE(SUM(IF(d.in_period AND d.is_guest, d.orders, 0)), 0) AS guest_orders,
  COALESCE(SUM(IF(d.in_period AND d.is_guest, d.revenue, NUMERIC '0')), NUMERIC '0') AS guest_revenue
FROM days AS d;
