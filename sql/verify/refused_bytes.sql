-- Grain: one row per refused record of which less is kept than its first MiB.
-- Run by whoever verifies the warehouse; it reads the whole table and changes nothing.
SELECT
  CONCAT(
    r.landing_name, ' record ', CAST(r.record_index AS STRING), ': ', CAST(COALESCE(BYTE_LENGTH(r.payload), 0) AS STRING),
    ' of ', CAST(r.byte_length AS STRING), ' bytes kept'
  ) AS detail
FROM v_rejected_records AS r
WHERE COALESCE(BYTE_LENGTH(r.payload), 0) != LEAST(r.byte_length, 1048576) OR LENGTH(r.sha256) != 64;
