-- Orders and revenue by place of the orders that pass the filters in a period, at three levels, highest revenue
-- first. Unfiltered and over whole days, geography reads the aggregate instead.
-- Grain: one row per level (region, state, country) and place; a state belongs
-- to its country. The spellings of a country are one row under its name in ref_places, and
-- those of a state of the USA under its postal code; what is not known there is as given.
-- At most page_size places per level; the two-letter states of the USA count apart,
-- so that no other place takes the room of one. An order that is not shipped is of
-- the region none, and of no state or country. An order counts once,
-- with its total_amount; with a category chosen it counts if it has lines of that
-- category, with their line_total, and without what was paid back of the whole order.
-- revenue is of orders that were paid, less what was paid back.
-- The columns all_* are sums over all places of a level, listed or not.
-- Reads only; run by the reporter.
-- @param from_date DATE
-- @param to_date DATE
-- @param from_time TIMESTAMP
-- @param to_time TIMESTAMP
-- @param category STRING
-- @param region STRING
-- @param state STRING
-- @param tier STRING
-- @param status STRING
-- @param rank_by STRING
-- @param page_size INT64
WITH lines AS (
  SELECT
    region, state, country, payment_status,
    -- @include order_amounts
  FROM fact_orders
  -- @if category
  WHERE category = @category
  -- @end
  -- @if not category
  WHERE line_number = 1
  -- @end
    -- @include chosen_orders
),
places AS (
  SELECT
    region,
    state,
    country,
    COUNTIF(is_order) AS orders,
    COALESCE(SUM(IF(is_paid, amount - paid_back, NULL)), 0) AS revenue,
    COALESCE(SUM(amount), 0) AS total_revenue,
    COALESCE(SUM(IF(payment_status = 'completed', amount, NULL)), 0) AS completed_revenue
  FROM lines
  GROUP BY region, state, country
),
-- @include ranked_places
;
