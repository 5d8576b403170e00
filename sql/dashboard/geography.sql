-- Orders and revenue by place over whole days, at three levels, highest revenue first.
-- Grain: one row per level (region, state, country) and place; a state belongs
-- to its country. The spellings of a country are one row under its name in ref_places, and
-- those of a state of the USA under its postal code; what is not known there is as given.
-- At most page_size places per level; the two-letter states of the USA count apart,
-- so that no other place takes the room of one. An order that is not shipped is of
-- the region none, and of no state or country. An order counts once,
-- with its total_amount.
-- revenue is of orders that were paid, less what was paid back.
-- The columns all_* are sums over all places of a level, listed or not.
-- Reads only; run by the reporter.
-- @param from_date DATE
-- @param to_date DATE
-- @param rank_by STRING
-- @param page_size INT64
WITH places AS (
  SELECT
    d.region,
    d.state,
    d.country,
    SUM(d.orders) AS orders,
    SUM(d.paid_revenue) AS revenue,
    SUM(d.total_revenue) AS total_revenue,
    COALESCE(SUM(IF(d.payment_status = 'completed', d.total_revenue, NULL)), 0) AS completed_revenue
  FROM agg_daily_orders AS d
  WHERE d.order_date BETWEEN @from_date AND @to_date
  GROUP BY d.region, d.state, d.country
),
-- @include ranked_places
;
