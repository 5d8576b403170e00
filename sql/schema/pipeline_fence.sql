-- Grain: one row, id = 1. Every transaction of the aggregator raises its epoch first,
-- because BigQuery cancels conflicting UPDATEs but lets two INSERT transactions both commit. It remembers
-- the time zone of the facts, so that no transaction mixes days of two clocks.
CREATE TABLE pipeline_fence (
  id INT64 NOT NULL OPTIONS (description = 'Always 1'),
  epoch INT64 NOT NULL OPTIONS (description = 'Number of the last transaction'),
  raised_at TIMESTAMP OPTIONS (description = 'When that transaction began; NULL before the first'),
  time_zone STRING OPTIONS (description = 'IANA name of the clock whose days and hours the facts are of; NULL until a file says it')
)
OPTIONS (description = "Serialises the aggregator's transactions");
