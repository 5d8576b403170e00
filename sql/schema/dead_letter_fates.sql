-- Grain: one row per decision of an operator about a dead letter; the newest one counts, and a
-- decision may be repeated. Written by pipelinectl replay and discard, after what was decided is done.
CREATE TABLE dead_letter_fates (
  dead_letter_id STRING NOT NULL OPTIONS (description = 'The letter'),
  subscription STRING NOT NULL OPTIONS (description = 'Subscription that gave it up'),
  fate STRING NOT NULL OPTIONS (description = 'replayed or discarded'),
  reason STRING OPTIONS (description = 'Why it was discarded'),
  decided_at TIMESTAMP NOT NULL OPTIONS (description = 'When it was decided'),
  decided_date DATE NOT NULL OPTIONS (description = 'Day of decided_at, UTC')
)
PARTITION BY decided_date
CLUSTER BY subscription
OPTIONS (description = 'What operators did about dead letters');
