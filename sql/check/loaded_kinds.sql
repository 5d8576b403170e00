-- Grain: one row: of how many kinds files are loaded. Run by the sandbox, which makes its first reports
-- when there is something to report on; reads the whole table.
SELECT COUNT(DISTINCT l.kind) AS kinds
FROM file_ledger AS l
WHERE l.verdict = 'loaded';
