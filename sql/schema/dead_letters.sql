-- Grain: one row per dead letter; appends may repeat a row, so readers use v_dead_letters.
-- Written by the writer; never touched by DML.
CREATE TABLE dead_letters (
  dead_letter_id STRING NOT NULL OPTIONS (description = "Derived from the subscription and the message's own id; after a replay from its first id and the number of replays"),
  subscription STRING NOT NULL OPTIONS (description = 'Subscription that gave the message up'),
  message_id STRING NOT NULL OPTIONS (description = 'Id that Pub/Sub gave the message'),
  data BYTES OPTIONS (description = "The message's body"),
  attributes JSON OPTIONS (description = "The message's attributes"),
  error STRING NOT NULL OPTIONS (description = 'Why it was given up'),
  delivery_attempts INT64 NOT NULL OPTIONS (description = 'How often it was delivered; 0 when unknown'),
  file_id STRING OPTIONS (description = 'The landed file, if the message belongs to one'),
  parse_id STRING OPTIONS (description = 'The reading of the file'),
  record_index INT64 OPTIONS (description = 'Position in the file, from 0'),
  dead_lettered_at TIMESTAMP NOT NULL OPTIONS (description = 'When the dead letter was published'),
  dead_lettered_date DATE NOT NULL OPTIONS (description = 'Day of dead_lettered_at, UTC'),
  first_message_id STRING OPTIONS (description = 'Id of the message before it was first replayed; NULL: as message_id'),
  replays INT64 OPTIONS (description = 'How often the message was replayed; NULL: never')
)
PARTITION BY dead_lettered_date
CLUSTER BY subscription
OPTIONS (description = 'Messages that no service could process');
