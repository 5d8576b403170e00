-- Grain: one row per customer record of the batch, however often its row was appended.
-- is_duplicate: the record brings nothing new, because a later row of its file has the
-- same key or the dimension holds the same content, of another file, when the file's turn
-- comes. What an earlier reading of the file itself has written is being read again.
-- Run by the aggregator in its transaction.
-- @when customers
-- @param landed_dates ARRAY<DATE>
CREATE TEMP TABLE batch_customers AS
WITH records AS (
  SELECT
    s.file_id,
    s.parse_id,
    s.record_index,
    s.landed_at,
    f.verdict,
    s.customer_id,
    s.name,
    s.email,
    s.registration_date,
    s.customer_tier,
    COALESCE(s.is_active, TRUE) AS is_active,
    s.content_hash,
    s.warnings
  FROM staging_customers AS s
  JOIN batch_files AS f ON f.file_id = s.file_id AND f.parse_id = s.parse_id
  WHERE s.landed_date IN UNNEST(@landed_dates)
  QUALIFY ROW_NUMBER() OVER (PARTITION BY s.parse_id, s.record_index ORDER BY s.content_hash) = 1
),

-- The last row per key in a file speaks for the file.
spoken AS (
  SELECT
    r.*,
    ROW_NUMBER() OVER (PARTITION BY r.parse_id, r.customer_id ORDER BY r.record_index DESC) = 1 AS speaks,
    d.content_hash AS known_hash,
    d.landed_at AS known_landed_at,
    d.file_id AS known_file_id
  FROM records AS r
  LEFT JOIN dim_customers AS d ON d.customer_id = r.customer_id
),

-- What the dimension will hold just before each file of the batch, in order of landing.
turns AS (
  SELECT
    t.*,
    LAG(t.content_hash) OVER turn AS previous_hash,
    LAG(t.landed_at) OVER turn AS previous_landed_at
  FROM spoken AS t
  WHERE t.verdict = 'loaded'
  WINDOW turn AS (PARTITION BY t.customer_id, t.speaks ORDER BY t.landed_at, t.file_id, t.record_index)
)

SELECT
  s.* EXCEPT (speaks, known_hash, known_landed_at, known_file_id),
  NOT s.speaks OR COALESCE(
    s.content_hash = IF(
      t.previous_hash IS NOT NULL AND (s.known_landed_at IS NULL OR t.previous_landed_at > s.known_landed_at),
      t.previous_hash,
      IF(s.known_file_id = s.file_id, NULL, s.known_hash)
    ),
    FALSE
  ) AS is_duplicate
FROM spoken AS s
LEFT JOIN turns AS t ON t.parse_id = s.parse_id AND t.record_index = s.record_index;
