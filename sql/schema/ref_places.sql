-- Grain: one row per spelling of a country, and per spelling of a US state. Seeded by seed/ref_places.sql;
-- a shop may add rows for spellings of its own.
CREATE TABLE ref_places (
  spelling STRING NOT NULL OPTIONS (description = 'Letters and digits of the spelling, in capitals'),
  country_code STRING NOT NULL OPTIONS (description = 'ISO 3166 alpha-2 code of the country'),
  state_code STRING OPTIONS (description = 'Postal code of the US state; NULL for a country'),
  name STRING NOT NULL OPTIONS (description = 'Name of the country or state')
)
OPTIONS (description = 'Countries and US states as orders spell them');
