-- Ends the transaction if a file of the batch holds an order whose id came before with other
-- content, and such files are to fail as a whole. Without the culprits the transaction is tried
-- again, because what they would have loaded no longer stands in another file's way.
-- Run by the aggregator in its transaction; changes nothing.
-- @when fail_file
SELECT IF(COUNT(*) = 0, TRUE, ERROR('duplicate_orders')) AS is_free_of_conflicts
FROM order_claims AS c
JOIN batch_files AS f ON f.parse_id = c.parse_id
WHERE c.outcome = 'conflict' AND c.verdict = 'loaded' AND f.fail_duplicates;
