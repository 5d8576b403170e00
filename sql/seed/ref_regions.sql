-- Fills ref_regions: one row per US state and the District of Columbia, with
-- the region that the US Census Bureau puts it in
-- (https://www2.census.gov/geo/pdfs/maps-data/maps/reference/us_regdiv.pdf).
-- Territories such as PR have no Census region and are left out: orders from
-- there fall back to their country, like every state that is not listed.
-- Running it again adds only what is missing. Run by whoever provisions the
-- dataset, one at a time: two at once could both insert.
INSERT INTO ref_regions (state, region)
WITH census AS (
  SELECT state, 'Northeast' AS region
  FROM UNNEST(['CT', 'MA', 'ME', 'NH', 'NJ', 'NY', 'PA', 'RI', 'VT']) AS state
  UNION ALL
  SELECT state, 'Midwest' AS region
  FROM UNNEST(['IA', 'IL', 'IN', 'KS', 'MI', 'MN', 'MO', 'ND', 'NE', 'OH', 'SD', 'WI']) AS state
  UNION ALL
  SELECT state, 'South' AS region
  FROM UNNEST(['AL', 'AR', 'DC', 'DE', 'FL', 'GA', 'KY', 'LA', 'MD', 'MS', 'NC', 'OK', 'SC', 'TN', 'TX', 'VA', 'WV']) AS state
  UNION ALL
  SELECT state, 'West' AS region
  FROM UNNEST(['AK', 'AZ', 'CA', 'CO', 'HI', 'ID', 'MT', 'NM', 'NV', 'OR', 'UT', 'WA', 'WY']) AS state
)
SELECT census.state, census.region
FROM census
WHERE NOT EXISTS (SELECT 1 FROM ref_regions AS present WHERE present.state = census.state);
