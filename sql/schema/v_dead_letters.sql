-- Each dead letter once per day, however often its row was appended; the partition column stands in
-- PARTITION BY so that a filter on it still prunes.
CREATE VIEW v_dead_letters AS
SELECT *
FROM dead_letters
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY dead_lettered_date, dead_letter_id ORDER BY dead_lettered_at) = 1;
