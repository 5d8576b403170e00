-- What the dashboard's period and filters leave of fact_orders. Status other is any that the pipeline does not know.
AND order_date BETWEEN @from_date AND @to_date
AND order_timestamp >= @from_time
AND order_timestamp < @to_time
AND (@region IS NULL OR region = @region)
AND (@tier IS NULL OR customer_tier = @tier)
AND (
  @status IS NULL
  OR payment_status = @status
  OR (
    @status = 'other'
    AND payment_status NOT IN ('completed', 'pending', 'failed', 'refunded', 'partially_refunded', 'cancelled')
  )
)
