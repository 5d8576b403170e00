-- Grain: one row per order in fact_orders: which record owns the order_id.
CREATE TABLE order_keys (
  order_id STRING NOT NULL OPTIONS (description = 'The order'),
  content_hash STRING NOT NULL OPTIONS (description = "Hash of the owner's canonical fields"),
  order_date DATE NOT NULL OPTIONS (description = "Day of the order on the shop's clock"),
  file_id STRING NOT NULL OPTIONS (description = 'File of the owner'),
  record_index INT64 NOT NULL OPTIONS (description = 'Position of the owner in that file'),
  updated_at TIMESTAMP OPTIONS (description = "Time of the owner's version; NULL when its source gives none"),
  landed_at TIMESTAMP OPTIONS (description = "When the owner's file landed"),
  is_update BOOL OPTIONS (description = 'Whether the owner replaced an earlier version of the order'),
  order_mark INT64 OPTIONS (description = "By what duplicates are looked for: FARM_FINGERPRINT of order_id, with the last 12 bits of order_date's days since 1970 in place of its own; NULL in rows of an earlier release")
)
PARTITION BY order_date
CLUSTER BY order_id
OPTIONS (description = 'Owners of the order ids, for deduplication');
