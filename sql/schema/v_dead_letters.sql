-- Each dead letter once, however often its row was appended.
CREATE VIEW v_dead_letters AS
SELECT *
FROM dead_letters
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY dead_letter_id ORDER BY dead_lettered_at) = 1;
