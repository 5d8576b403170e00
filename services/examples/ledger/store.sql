-- The store of the ledger, for SQLite; the examples in Go and in Node.js make the same one. Each row
-- has a key that is the same whenever its message comes again, so that neither repetition nor order
-- matters. Nothing is dropped: a ledger that lives for years would delete the records of readings
-- that later readings of their files have replaced.

-- One row per published order: a record of a reading of a file. Whether it counts, its file's
-- completion tells. An amount is units + nanos / 1,000,000,000, as in google.type.Money: sums of
-- whole numbers are exact.
CREATE TABLE IF NOT EXISTS records (
  parse_id TEXT NOT NULL,
  record_index INTEGER NOT NULL,
  order_id TEXT NOT NULL,
  order_date TEXT NOT NULL,
  payment_status TEXT NOT NULL,
  units INTEGER NOT NULL,
  nanos INTEGER NOT NULL,
  PRIMARY KEY (parse_id, record_index)
) WITHOUT ROWID;

-- One row per file: what became of its newest revision.
CREATE TABLE IF NOT EXISTS files (
  file_id TEXT PRIMARY KEY,
  parse_id TEXT NOT NULL,
  revision INTEGER NOT NULL,
  counts INTEGER NOT NULL, -- 1 for orders that were loaded, 0 for whatever else
  records INTEGER NOT NULL, -- that a consumer gets: not the rejected ones, and not those that were not republished
  not_republished INTEGER NOT NULL,
  transaction_number INTEGER NOT NULL,
  left_out_truncated INTEGER NOT NULL
) WITHOUT ROWID;

-- One row per range of a file's records that did not become facts. The ranges of a file do not overlap.
CREATE TABLE IF NOT EXISTS left_out (
  file_id TEXT NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  refused INTEGER NOT NULL, -- 1 if the records are among the file's rejected ones
  PRIMARY KEY (file_id, first)
) WITHOUT ROWID;

-- One row per range of records that became facts again, whatever becomes of the file that announced it.
CREATE TABLE IF NOT EXISTS restored (
  file_id TEXT NOT NULL,
  parse_id TEXT NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  transaction_number INTEGER NOT NULL,
  PRIMARY KEY (file_id, parse_id, first, last, transaction_number)
) WITHOUT ROWID;

-- One row per order that counts: of all records that may, the one of the latest transaction. Beside
-- MAX, SQLite takes the other columns from the row that has the greatest value.
CREATE VIEW IF NOT EXISTS counted AS
SELECT order_id, order_date, payment_status, units, nanos, MAX(transaction_number) AS transaction_number
FROM (
  SELECT r.order_id, r.order_date, r.payment_status, r.units, r.nanos, f.transaction_number
  FROM files AS f
  JOIN records AS r ON r.parse_id = f.parse_id
  WHERE f.counts AND r.record_index > COALESCE((
    SELECT l.last FROM left_out AS l
    WHERE l.file_id = f.file_id AND l.first <= r.record_index
    ORDER BY l.first DESC LIMIT 1), -1)
  UNION ALL
  SELECT r.order_id, r.order_date, r.payment_status, r.units, r.nanos, s.transaction_number
  FROM restored AS s
  JOIN files AS f ON f.file_id = s.file_id AND f.parse_id = s.parse_id -- or that reading has been replaced
  JOIN records AS r ON r.parse_id = s.parse_id AND r.record_index BETWEEN s.first AND s.last
  WHERE f.counts
)
GROUP BY order_id;

-- One row per file that is not settled: not all of its records have come yet, or its completion cannot name
-- all that must be left out. What such a file holds in the end, the warehouse's order_keys tell.
CREATE VIEW IF NOT EXISTS waiting AS
SELECT f.file_id
FROM files AS f
WHERE f.counts AND (f.left_out_truncated OR f.records >
  (SELECT COUNT(*) FROM records AS r WHERE r.parse_id = f.parse_id)
  - (SELECT COUNT(*)
     FROM left_out AS l
     JOIN records AS r ON r.parse_id = f.parse_id AND r.record_index BETWEEN l.first AND l.last
     WHERE l.file_id = f.file_id AND l.refused));

-- One row: what the orders that count come to.
CREATE VIEW IF NOT EXISTS balance AS
SELECT
  COUNT(*) AS orders,
  COALESCE(SUM(units), 0) AS units,
  COALESCE(SUM(nanos), 0) AS nanos,
  (SELECT COUNT(*) FROM waiting) AS waiting
FROM counted;
