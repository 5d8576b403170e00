-- Grain: one row per date, table and column that the source fills. Written by the reporter's daily run, which replaces a date as
-- a whole. Orders and lines are those placed on the date; products and customers are as the catalogs are at the run.
CREATE TABLE report_profile (
  report_date DATE NOT NULL OPTIONS (description = "The day of the shop's clock that the report closes with"),
  position INT64 NOT NULL OPTIONS (description = 'Place in the report, from 1: orders, lines, products, customers, each with its columns in their order'),
  table_name STRING NOT NULL OPTIONS (description = 'orders, lines (both of fact_orders), products (dim_products) or customers (dim_customers)'),
  column_name STRING NOT NULL OPTIONS (description = 'The column'),
  data_type STRING NOT NULL OPTIONS (description = 'text, number, date, time (counted to the second) or flag'),
  is_personal BOOL NOT NULL OPTIONS (description = 'TRUE if the column tells who or where somebody is: no value of it is shown'),
  row_count INT64 NOT NULL OPTIONS (description = 'Rows of the table'),
  filled INT64 NOT NULL OPTIONS (description = 'Rows with a value that is neither NULL nor blank'),
  filled_share NUMERIC OPTIONS (description = 'filled by row_count, to four decimals; NULL without rows'),
  distinct_values INT64 NOT NULL OPTIONS (description = 'Different values, counted exactly'),
  smallest STRING OPTIONS (description = 'Smallest value, as text; NULL if there is none or none that may be shown'),
  p05 STRING OPTIONS (description = 'Value that 5 % of the filled ones do not exceed, as text; NULL of texts and flags'),
  p25 STRING OPTIONS (description = 'The same for 25 %'),
  p50 STRING OPTIONS (description = 'The same for 50 %: the median'),
  p75 STRING OPTIONS (description = 'The same for 75 %'),
  p95 STRING OPTIONS (description = 'The same for 95 %'),
  largest STRING OPTIONS (description = 'Largest value, as text; NULL as of smallest'),
  mean NUMERIC OPTIONS (description = 'Mean of a number, to four decimals'),
  top_values STRING OPTIONS (description = 'JSON array of the ten most frequent values, most frequent first: value, rows, usual_share (median share of the compared days) and change (new, gone, more, less or null). NULL of dates, times and what may not be shown'),
  compared_days INT64 NOT NULL OPTIONS (description = 'How many of the same weekdays of the four weeks before have rows to compare with'),
  usual_rows INT64 OPTIONS (description = 'Median of row_count on these'),
  usual_filled_share NUMERIC OPTIONS (description = 'Median of filled_share on these'),
  usual_distinct_values INT64 OPTIONS (description = 'Median of distinct_values on these'),
  usual_mean NUMERIC OPTIONS (description = 'Median of mean on these'),
  unusual STRING OPTIONS (description = 'What is unusual: rows, filled, distinct, mean, values, in that order, with a blank between; NULL: nothing, fewer than three days to compare with, or a day that is not over')
)
PARTITION BY report_date
CLUSTER BY position
OPTIONS (description = 'Daily report: what each column holds, and what is unusual in it');
