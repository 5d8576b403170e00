-- Grain: one row per refused record of which less is kept than its first MiB, or whose kept bytes do not have
-- the hash that was taken of them. Of a longer record the hash cannot be told from what is kept.
-- Run by whoever verifies the warehouse; it reads the whole table and changes nothing.
WITH records AS (
  SELECT
    r.landing_name,
    r.record_index,
    r.payload,
    r.sha256,
    COALESCE(BYTE_LENGTH(r.payload), 0) AS kept,
    r.byte_length
  FROM v_rejected_records AS r
)

SELECT
  CONCAT(r.landing_name, ' record ', CAST(r.record_index AS STRING), ': ', IF(
    r.kept != LEAST(r.byte_length, 1048576),
    CONCAT(CAST(r.kept AS STRING), ' of ', CAST(r.byte_length AS STRING), ' bytes kept'),
    CONCAT('the payload has sha256 ', COALESCE(TO_HEX(SHA256(r.payload)), 'NULL'), ', not ', r.sha256)
  )) AS detail
FROM records AS r
WHERE
  r.kept != LEAST(r.byte_length, 1048576)
  OR LENGTH(r.sha256) != 64
  OR (r.byte_length <= 1048576 AND TO_HEX(SHA256(r.payload)) != r.sha256);
