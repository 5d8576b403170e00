-- What the shop and its categories came to on each day of the past half year, for the forecast.
-- Grain: one row per series and day with orders, the series of all categories first (category is empty), then those
-- with the highest revenue in 90 days by name, the others together; each oldest day first.
-- Orders are all that were placed, of a category those with a line in it, so that the sum of others may count one twice.
-- Revenue is that of the dashboard.
-- Reads only; run by the reporter's daily run, before the report's transaction. It reads the hours and the days of
-- half a year, no facts.
-- @param from_date DATE
-- @param to_date DATE
-- @param from_time TIMESTAMP
-- @param to_time TIMESTAMP
-- @param time_zone STRING
-- @param max_series INT64
WITH
-- @include forecast_series

SELECT s.category, s.metric_date AS day, s.orders, s.units, s.revenue
FROM all_series AS s
ORDER BY s.place, s.metric_date;
