-- What the dashboard's period and filters leave of fact_orders: of whole days, by their dates alone, and no column that
-- nobody asks by, because each is billed. A state is its postal code, however orders spell it. Status other is any that the pipeline does not know.
AND order_date BETWEEN @from_date AND @to_date
-- @if hours
AND order_timestamp >= @from_time
AND order_timestamp < @to_time
-- @end
-- @if region
AND region = @region
-- @end
-- @if state
AND UPPER(REGEXP_REPLACE(COALESCE(state, ''), r'[^\pL\pN]', '')) IN (SELECT p.spelling FROM ref_places AS p WHERE p.state_code = @state)
AND (
  UPPER(REGEXP_REPLACE(COALESCE(country, ''), r'[^\pL\pN]', '')) = ''
  OR UPPER(REGEXP_REPLACE(COALESCE(country, ''), r'[^\pL\pN]', '')) IN (
    SELECT p.spelling FROM ref_places AS p WHERE p.state_code IS NULL AND p.country_code = 'US'
  )
)
-- @end
-- @if tier
AND customer_tier = @tier
-- @end
-- @if status
AND (
  payment_status = @status
  OR (
    @status = 'other'
    AND payment_status NOT IN ('completed', 'pending', 'failed', 'refunded', 'partially_refunded', 'cancelled')
  )
)
-- @end
