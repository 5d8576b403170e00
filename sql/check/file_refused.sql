-- Grain: one row per refused record of a reading, in the order of the file.
-- Run by pipelinectl verify --from-archive; prunes by the day of landing.
-- @param parse_id STRING
-- @param landed_date DATE
SELECT r.record_index, r.rule, r.byte_offset, r.byte_length, r.payload, r.sha256
FROM v_rejected_records AS r
WHERE r.parse_id = @parse_id AND r.landed_date = @landed_date
ORDER BY r.byte_offset, r.record_index;
