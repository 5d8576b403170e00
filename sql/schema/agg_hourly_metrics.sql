-- Grain: one row per hour of the shop's clock with orders; always equal to a recomputation from fact_orders.
CREATE TABLE agg_hourly_metrics (
  metric_hour TIMESTAMP NOT NULL OPTIONS (description = "Instant at which the hour of the shop's clock began"),
  total_orders INT64 NOT NULL OPTIONS (description = 'Orders placed in the hour'),
  total_revenue NUMERIC NOT NULL OPTIONS (description = 'Sum of total_amount, once per order'),
  avg_order_value NUMERIC NOT NULL OPTIONS (description = 'total_revenue / total_orders'),
  unique_customers INT64 NOT NULL OPTIONS (description = 'Distinct customers of all orders'),
  completed_orders INT64 NOT NULL OPTIONS (description = 'Orders paid'),
  completed_revenue NUMERIC NOT NULL OPTIONS (description = 'Sum of total_amount of the orders paid'),
  pending_orders INT64 NOT NULL OPTIONS (description = 'Orders not yet paid'),
  failed_orders INT64 NOT NULL OPTIONS (description = 'Orders whose payment failed'),
  other_orders INT64 NOT NULL OPTIONS (description = 'Orders with another payment status'),
  updated_at TIMESTAMP NOT NULL OPTIONS (description = 'When the row was written'),
  refunded_revenue NUMERIC OPTIONS (description = 'Sum of refunded_amount, once per order'),
  net_revenue NUMERIC OPTIONS (description = 'total_revenue - refunded_revenue'),
  failed_revenue NUMERIC OPTIONS (description = 'Sum of total_amount of the orders whose payment failed'),
  refunded_orders INT64 OPTIONS (description = 'Orders paid back as a whole'),
  partially_refunded_orders INT64 OPTIONS (description = 'Orders paid back in part'),
  cancelled_orders INT64 OPTIONS (description = 'Orders called off'),
  cancelled_revenue NUMERIC OPTIONS (description = 'Sum of total_amount of the orders called off'),
  headline_revenue NUMERIC OPTIONS (description = 'Sum of total_amount - refunded_amount of the orders that neither failed nor were called off'),
  order_date DATE OPTIONS (description = "The hour's day on the shop's clock; NULL in rows of an earlier release, whose day is that of metric_hour, UTC"),
  paid_revenue NUMERIC OPTIONS (description = 'The revenue of dashboard and reports: sum of total_amount of the orders paid, less what was paid back')
)
PARTITION BY TIMESTAMP_TRUNC(metric_hour, DAY)
OPTIONS (description = 'Orders and revenue per hour');
