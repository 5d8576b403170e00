-- Grain: one row per order of the facts.
-- Run by pipelinectl storm; reads two columns of the whole table.
SELECT f.order_id, COUNT(*) AS lines, COUNT(DISTINCT f.line_number) AS distinct_lines
FROM fact_orders AS f
GROUP BY f.order_id;
