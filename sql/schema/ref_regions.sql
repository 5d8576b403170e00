-- Grain: one row per US state. Seeded by seed/ref_regions.sql.
CREATE TABLE ref_regions (
  state STRING NOT NULL OPTIONS (description = 'Two-letter code of the state'),
  region STRING NOT NULL OPTIONS (description = 'Region of the US Census Bureau')
)
OPTIONS (description = 'US Census regions of states');
