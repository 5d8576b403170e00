-- Grain: one row per (ref_kind, ref_id, order_date) that facts wait for.
CREATE TABLE unresolved_refs (
  ref_kind STRING NOT NULL OPTIONS (description = 'product or customer'),
  ref_id STRING NOT NULL OPTIONS (description = 'The id that no catalog has named yet'),
  order_date DATE NOT NULL OPTIONS (description = 'Partition of fact_orders with waiting rows')
)
CLUSTER BY ref_kind, ref_id
OPTIONS (description = 'References of facts to products and customers not known yet');
