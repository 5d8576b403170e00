-- Grain: one row per order record of the batch's loaded files, with what becomes of it:
-- loaded (it became the order's version that counts, is_current if no later record of the batch has
-- replaced it), replay (a version with the same content is known), stale (a later version is known) or
-- conflict (nothing tells which of two versions is later).
-- The records of an order take their turns in order of landing, file and position, after the version
-- that stands in the warehouse. A record leads if it is later than every version before it by
-- updated_at; where that does not tell, the policy does: under latest the later landing leads.
-- Where it was the landing alone, the record is_blind.
-- A new reading of a file whose version had been replaced takes that version's place in the history.
-- Run by the aggregator in its transaction.
-- @when versions
-- @param order_dates ARRAY<DATE>
-- @param latest BOOL
CREATE TEMP TABLE order_claims AS
WITH records AS (
  SELECT
    b.order_id, b.content_hash, b.updated_at, b.landed_at, b.file_id, b.record_index,
    b.parse_id, b.order_date, b.verdict, ARRAY_LENGTH(b.items) AS lines,
    -- Nothing orders it against what stands, and it landed before.
    @latest
    AND s.order_id IS NOT NULL
    AND b.content_hash != s.content_hash
    AND COALESCE(b.updated_at = s.updated_at, TRUE)
    AND COALESCE(
      b.landed_at < s.landed_at
      OR b.landed_at = s.landed_at AND b.file_id < s.file_id
      OR b.landed_at = s.landed_at AND b.file_id = s.file_id AND b.record_index < s.record_index,
      FALSE
    ) AS is_early
  FROM batch_orders AS b
  JOIN batch_files AS f ON f.parse_id = b.parse_id
  LEFT JOIN standing_orders AS s ON s.order_id = b.order_id
  WHERE b.verdict = 'loaded' OR f.reason IN ('duplicate_orders', 'contradicting_records')
),

turns AS (
  SELECT
    r.*,
    ROW_NUMBER() OVER (PARTITION BY r.order_id ORDER BY r.landed_at, r.file_id, r.record_index) AS turn_number,
    FALSE AS was_left_out
  FROM records AS r
  UNION ALL
  SELECT
    s.order_id, s.content_hash, s.updated_at, s.landed_at, s.file_id, s.record_index,
    CAST(NULL AS STRING), s.order_date, CAST(NULL AS STRING), 0, FALSE, 0, s.is_stale
  FROM standing_orders AS s
  WHERE s.order_id IN (SELECT r.order_id FROM records AS r)
),

-- Under latest a version without updated_at begins a new stretch: it replaces what came before, and
-- whatever comes after it replaces it.
stretches AS (
  SELECT
    t.*,
    t.turn_number = MIN(t.turn_number) OVER turn AS is_first,
    FIRST_VALUE(t.updated_at) OVER turn AS first_updated_at,
    IF(@latest, COUNTIF(t.updated_at IS NULL AND NOT t.is_early) OVER turn, 0) AS stretch
  FROM turns AS t
  WINDOW turn AS (PARTITION BY t.order_id ORDER BY t.turn_number ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),

compared AS (
  SELECT
    s.*,
    MAX(IF(s.is_early, NULL, s.updated_at)) OVER (
      PARTITION BY s.order_id, s.stretch ORDER BY s.turn_number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS latest_before
  FROM stretches AS s
),

led AS (
  SELECT
    c.*,
    CASE
      WHEN c.is_early THEN FALSE
      WHEN c.is_first THEN TRUE
      WHEN @latest THEN c.updated_at IS NULL OR COALESCE(c.updated_at >= c.latest_before, TRUE)
      ELSE c.first_updated_at IS NOT NULL AND COALESCE(c.updated_at > c.latest_before, FALSE)
    END AS leads
  FROM compared AS c
),

followed AS (
  SELECT
    l.*,
    LAST_VALUE(IF(l.leads, l.content_hash, NULL) IGNORE NULLS) OVER (
      PARTITION BY l.order_id ORDER BY l.turn_number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS hash_before
  FROM led AS l
),

won AS (
  SELECT f.*, f.leads AND COALESCE(f.content_hash != f.hash_before, TRUE) AS wins
  FROM followed AS f
),

owned AS (
  SELECT
    w.*,
    MAX(IF(w.wins, w.turn_number, NULL)) OVER (
      PARTITION BY w.order_id ORDER BY w.turn_number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS owner_turn,
    MAX(IF(w.wins, w.turn_number, NULL)) OVER (PARTITION BY w.order_id) AS last_turn
  FROM won AS w
),

judged AS (
  SELECT
    o.*,
    w.file_id AS owner_file_id,
    w.record_index AS owner_record_index,
    w.updated_at AS owner_updated_at,
    w.was_left_out AS owner_was_left_out,
    CASE
      WHEN o.wins THEN 'loaded'
      WHEN o.content_hash = w.content_hash THEN 'replay'
      WHEN o.is_early OR o.updated_at < w.updated_at THEN 'stale'
      ELSE 'conflict'
    END AS judgement
  FROM owned AS o
  LEFT JOIN owned AS w ON w.order_id = o.order_id AND w.turn_number = o.owner_turn
),

known AS (
  SELECT DISTINCT h.order_id, h.content_hash
  FROM order_history AS h
  WHERE h.order_date IN UNNEST(@order_dates) AND h.order_id IN (SELECT j.order_id FROM judged AS j WHERE j.judgement = 'stale')
),

placed AS (
  SELECT
    j.*,
    j.judgement = 'stale' AND (
      k.order_id IS NOT NULL
      OR COUNTIF(j.judgement IN ('loaded', 'stale')) OVER (
        PARTITION BY j.order_id, j.content_hash ORDER BY j.turn_number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      ) > 0
    ) AS is_known
  FROM judged AS j
  LEFT JOIN known AS k ON k.order_id = j.order_id AND k.content_hash = j.content_hash
),

-- @if orders_again
replaced_places AS (
  SELECT r.order_id, r.file_id, MIN(r.valid_from) AS valid_from, MAX(r.valid_to) AS valid_to
  FROM replaced_versions AS r
  GROUP BY r.order_id, r.file_id
),

-- @end
replaced AS (
  SELECT
    p.*,
    -- @if orders_again
    r.order_id IS NOT NULL AS had_place,
    COALESCE(v.is_update, FALSE) AS was_update,
    COALESCE(v.valid_from, r.valid_from) AS valid_from,
    COALESCE(v.valid_to, r.valid_to) AS valid_to
    -- @end
    -- @if not orders_again
    FALSE AS had_place,
    FALSE AS was_update,
    CAST(NULL AS TIMESTAMP) AS valid_from,
    CAST(NULL AS TIMESTAMP) AS valid_to
    -- @end
  FROM placed AS p
  -- @if orders_again
  LEFT JOIN replaced_places AS r ON r.order_id = p.order_id AND r.file_id = p.file_id
  LEFT JOIN replaced_versions AS v
    ON v.order_id = p.order_id AND v.file_id = p.file_id AND v.content_hash = p.content_hash
  -- @end
  WHERE p.turn_number > 0
)

SELECT
  p.file_id,
  p.parse_id,
  p.record_index,
  p.order_id,
  p.order_date,
  p.content_hash,
  p.updated_at,
  p.landed_at,
  p.lines,
  p.verdict,
  CASE
    WHEN p.judgement = 'loaded' AND p.verdict != 'loaded' THEN 'held'
    WHEN p.is_known THEN 'replay'
    WHEN p.judgement = 'stale' AND p.had_place THEN 'loaded'
    ELSE p.judgement
  END AS outcome,
  COALESCE(p.owner_file_id, p.file_id) AS owner_file_id,
  COALESCE(p.owner_record_index, p.record_index) AS owner_record_index,
  p.wins AND p.turn_number = p.last_turn AND p.verdict = 'loaded' AS is_current,
  IF(
    p.wins,
    p.owner_turn IS NOT NULL AND NOT p.owner_was_left_out,
    NOT p.is_known AND p.was_update
  ) AS is_update,
  p.wins AND p.owner_turn IS NOT NULL AND COALESCE(p.updated_at = p.owner_updated_at, TRUE) AS is_blind,
  IF(p.wins, NULL, p.valid_from) AS valid_from,
  IF(p.wins, NULL, p.valid_to) AS valid_to
FROM replaced AS p;
