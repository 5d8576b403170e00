-- Grain: one row per version of an order that a later one has replaced (superseded), or that came
-- after a later one (stale). The version that counts stands in fact_orders.
CREATE TABLE order_history (
  order_id STRING NOT NULL OPTIONS (description = 'The order'),
  order_date DATE NOT NULL OPTIONS (description = "Day of the order as this version has it, on the shop's clock"),
  content_hash STRING NOT NULL OPTIONS (description = "Hash of the version's canonical fields"),
  updated_at TIMESTAMP OPTIONS (description = 'Time of the version; NULL when its source gives none'),
  valid_from TIMESTAMP NOT NULL OPTIONS (description = 'When the facts began to show the version'),
  valid_to TIMESTAMP NOT NULL OPTIONS (description = 'When another version replaced it; equal to valid_from for one that the facts never showed'),
  outcome STRING NOT NULL OPTIONS (description = 'superseded: counted as loaded; stale: counted among the duplicates'),
  is_update BOOL OPTIONS (description = 'Whether the version had replaced an earlier one itself'),
  file_id STRING NOT NULL OPTIONS (description = 'File that the version came from'),
  record_index INT64 NOT NULL OPTIONS (description = 'Position of the version in that file'),
  lines INT64 NOT NULL OPTIONS (description = 'Lines of the order'),
  landed_at TIMESTAMP OPTIONS (description = 'When that file landed'),
  content JSON NOT NULL OPTIONS (description = 'The whole order; amounts as exact text'),
  utc_offset_seconds INT64 OPTIONS (description = "Seconds that the shop's clock was ahead of UTC when the order was placed; NULL for none")
)
PARTITION BY order_date
CLUSTER BY order_id
OPTIONS (description = 'Earlier versions of the orders');
