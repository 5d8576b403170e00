-- Grain: one row per hour with orders; always equal to a recomputation from fact_orders.
CREATE TABLE agg_hourly_metrics (
  metric_hour TIMESTAMP NOT NULL OPTIONS (description = 'Start of the hour, UTC'),
  total_orders INT64 NOT NULL OPTIONS (description = 'Orders placed in the hour'),
  total_revenue NUMERIC NOT NULL OPTIONS (description = 'Sum of total_amount, once per order'),
  avg_order_value NUMERIC NOT NULL OPTIONS (description = 'total_revenue / total_orders'),
  unique_customers INT64 NOT NULL OPTIONS (description = 'Distinct customers of all orders'),
  completed_orders INT64 NOT NULL OPTIONS (description = 'Orders paid'),
  completed_revenue NUMERIC NOT NULL OPTIONS (description = 'Sum of total_amount of the orders paid'),
  pending_orders INT64 NOT NULL OPTIONS (description = 'Orders not yet paid'),
  failed_orders INT64 NOT NULL OPTIONS (description = 'Orders whose payment failed'),
  other_orders INT64 NOT NULL OPTIONS (description = 'Orders with another payment status'),
  updated_at TIMESTAMP NOT NULL OPTIONS (description = 'When the row was written')
)
PARTITION BY TIMESTAMP_TRUNC(metric_hour, DAY)
OPTIONS (description = 'Orders and revenue per hour');
