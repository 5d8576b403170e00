-- Each refused record once, however often its row was appended.
CREATE VIEW v_rejected_records AS
SELECT *
FROM rejected_records
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY parse_id, record_index ORDER BY rejected_at) = 1;
