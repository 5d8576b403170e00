-- Each refused record once, however often its row was appended; the partition column stands in
-- PARTITION BY so that a filter on it still prunes.
CREATE VIEW v_rejected_records AS
SELECT *
FROM rejected_records
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY landed_date, parse_id, record_index ORDER BY rejected_at) = 1;
